"""Markdown and plain text: front matter, blocks, tables, what is hidden, and notes of what was not read."""
