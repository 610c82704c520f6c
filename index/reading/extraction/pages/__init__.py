"""
Show a page of a PDF as a picture, and find where the characters of its text are on it.

No places are kept in the index. The page is read again in the same way (`glyphs`), its letters are matched with those
of the document's text (`alignment`, `matching`), those that were cited become rectangles (`marking`), and the page is
drawn (`drawing`). This happens in the process of `index.reading.extraction.process.worker`; `protocol` defines the
messages.
"""
