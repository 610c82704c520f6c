"""The layout of text on a page: regions, columns, paragraphs, running heads, footnotes, and their order."""
