"""The upper layers of the language model learn to write out what a follow-up asks."""
