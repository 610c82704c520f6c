"""The layers of the language model that read answers of several sentences, and how they learn (`rag.grounding.state_reader`)."""
