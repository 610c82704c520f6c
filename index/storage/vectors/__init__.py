"""The vectors of passages, and the stores that keep them."""
