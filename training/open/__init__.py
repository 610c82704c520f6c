"""Further training of the reader on open questions: which sentences belong in their answers."""
