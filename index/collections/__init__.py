"""Several indexes as one, and the files that people bring."""
