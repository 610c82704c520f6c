"""The store and the files derived from it: written once, checked, opened for reading."""
