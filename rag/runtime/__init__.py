"""What runs a `RAG`: its models, the stream of an answer, answers kept, and the collections of several owners."""
