"""Tables of a PDF page, with and without lines."""
