"""The reader: a small cross-encoder that says where in a passage an answer stands, and whether one does."""
