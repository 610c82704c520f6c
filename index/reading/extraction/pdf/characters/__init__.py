"""The characters of a PDF page with their places: which of them count, and how they form lines."""
