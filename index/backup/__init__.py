"""Back up a generation of an index to one file, and restore an index from such a file."""
