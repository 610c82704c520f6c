"""From a folder of articles to a searchable index. Imports nothing of `rag` or `ui`."""
