"""Combine several indexes into one, and keep users' own files."""
