"""The figures of an evaluation: what counts as right, and how certain a figure is."""
