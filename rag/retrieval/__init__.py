"""From a `Query` to evidence: dense and lexical search, and the sentences picked from what it finds."""
