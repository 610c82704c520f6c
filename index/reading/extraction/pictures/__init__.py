"""Pictures in a text that may hold text themselves: they are not read, and counted so that it can be said."""
