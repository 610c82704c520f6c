"""Pages of the cited PDFs, with the words marked that were cited."""
