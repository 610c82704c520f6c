"""The characters of a PDF page with their places: which count, and which make a line."""
