"""From a draft to cited words: whether the sources answer, where, and what is quoted."""
