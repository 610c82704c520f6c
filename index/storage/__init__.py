"""The store and the files derived from it: written once, checked and opened for reading."""
