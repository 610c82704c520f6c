"""Keeps a generation of an index in one file, and makes an index of such a file."""
