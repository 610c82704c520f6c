"""Sheets and delimited tables, written as blocks."""
