"""Where text stands on a page: regions, columns, paragraphs, running heads, footnotes, and the order of all."""
