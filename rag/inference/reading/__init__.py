"""The reader: a small cross-encoder that tells whether a passage contains an answer, and where."""
