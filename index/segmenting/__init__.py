"""Divide a document's text into passages, without boilerplate."""
