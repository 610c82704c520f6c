"""The sandboxed process that files are read in, and its bounds."""
