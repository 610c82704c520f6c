"""Makes an index the mirror of a folder."""
