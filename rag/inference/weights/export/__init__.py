"""From the files that are fetched to the forms that runtimes want, once."""
