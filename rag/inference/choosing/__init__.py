"""Which runtime runs the default language model on this machine."""
