"""Presentations in PowerPoint's format."""
