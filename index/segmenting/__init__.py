"""From a document's text to passages: blocks, boilerplate, chunks."""
