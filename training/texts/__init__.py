"""Labelled sets, and the passages they are about."""
