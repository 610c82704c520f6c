"""Form fields of a PDF, and what was filled in."""
