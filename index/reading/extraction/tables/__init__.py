"""Tables of every format: turn a grid of cells into lines that name their columns."""
