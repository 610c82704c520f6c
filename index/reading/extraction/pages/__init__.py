"""
The page of a PDF as a picture, and where on it the characters of its text stand.

No places are kept in the index. The page is read again as it was (`glyphs`), its letters are matched with those of the
document's text (`alignment`, `matching`), those that were cited become rectangles (`marking`), and the page is drawn
(`drawing`). This takes place in the process of `index.reading.extraction.process.worker`; `protocol` says how it is asked.
"""
