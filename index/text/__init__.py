"""Analyse words and sentences of German and English: splitting, stems, compounds, numbers, dates."""
