"""Language models: a module for each runtime, each behind `rag.inference.protocol.Engine`."""
