"""Convert fetched files, once, to the forms that the runtimes need."""
