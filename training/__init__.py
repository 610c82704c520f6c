"""Training of the reader, a small cross-encoder that points at answers. Not part of the installed package."""
