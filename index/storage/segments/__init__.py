"""The segments of an index: each is a store and the columns derived from it, written once and never changed."""
