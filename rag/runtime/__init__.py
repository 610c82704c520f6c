"""The parts that run a `RAG`: models, answer streams, the answer cache, and the collections of several owners."""
