"""
From a folder of articles to a searchable index. Imports nothing of `rag` or `ui`.

`rag` re-exports what its users need; inside the project, modules are imported by name, so that importing
one does not load the libraries of another.
"""
