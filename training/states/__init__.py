"""Training of the layers that read for answers of several sentences (`rag.grounding.state_reader`)."""
