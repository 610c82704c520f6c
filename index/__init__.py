"""
Turn a folder of articles into a searchable index. Imports nothing from `rag` or `ui`.

`rag` re-exports what its users need. Inside the project, modules are imported by name, so that importing
one does not load the libraries of another.
"""
