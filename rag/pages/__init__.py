"""Pages of the cited PDFs, with the cited words marked."""
