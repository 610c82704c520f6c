"""Choose the runtime for the default language model on this machine."""
