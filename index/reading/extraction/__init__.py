"""
Extract text from HTML, PDF and Word files.

The result is simple Markdown: headings with their signs, one paragraph per line, list items. It is kept in the index,
and offsets point into it. Files may come from anywhere, so they are read in a process of their own, with bounds on
time and memory; see `index.reading.extraction.process.isolation`.
"""
