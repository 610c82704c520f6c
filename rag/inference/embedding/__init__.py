"""Embedding models: which runtime runs which, each behind `index.protocols.Embedder`."""
