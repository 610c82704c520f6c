"""Training examples, true and false, drawn from the labelled sets."""
