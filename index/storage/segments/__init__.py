"""What an index is made of: segments, each a store and the columns derived from it, never written again."""
