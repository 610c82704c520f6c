"""The probes that read the language model's states (`rag.grounding.state_reader`), and how they are made."""
