"""Markdown and plain text: front matter, blocks, tables, hidden text, and notes of what was not read."""
