"""Make an index mirror a folder."""
