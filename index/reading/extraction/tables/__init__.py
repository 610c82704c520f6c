"""Tables of every format: a grid of cells made into lines that name their columns."""
