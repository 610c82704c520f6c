"""The OpenAI protocol: chat completions, models, embeddings."""
