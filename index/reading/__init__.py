"""From a file to a `Document`: which files are read, how they are decoded, and what they say about themselves."""
