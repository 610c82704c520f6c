"""Keep an index up to date with a folder while it changes."""
