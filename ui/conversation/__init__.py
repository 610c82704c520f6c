"""One conversation with the page: a question on its way, its answer, and what the browser keeps."""
