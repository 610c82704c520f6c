"""The figures of an evaluation: what counts as right, and how sure a figure is."""
