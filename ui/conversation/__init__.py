"""One conversation with the page: a question being answered, its answer, and what the browser keeps."""
