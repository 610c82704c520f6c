"""Training of the language model's upper layers to write out what a follow-up asks."""
