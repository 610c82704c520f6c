"""Read files as `Document` objects: which files are read, how they are decoded, and what they say about themselves."""
