"""The project's own JSON: asking, searching, reading."""
