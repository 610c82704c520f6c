"""Render values as HTML, every character escaped, in German and English."""
