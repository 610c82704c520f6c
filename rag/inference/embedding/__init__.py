"""Embedding models in several runtimes, each behind `index.protocols.Embedder`."""
