"""Labelled sets and their passages."""
