"""A strictness that keeps a bound on wrong answers: how it is chosen, where it is stored, and when it holds."""
