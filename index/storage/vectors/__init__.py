"""Vectors, and what keeps them."""
