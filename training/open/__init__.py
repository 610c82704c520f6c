"""The reader, trained further on open questions: which sentences belong into their answers."""
