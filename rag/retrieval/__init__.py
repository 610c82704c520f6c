"""Find evidence for a `Query`: dense and lexical search, and the choice of sentences from what it finds."""
