"""A strictness that keeps a bound on wrong answers: how it is chosen, where it is kept, and when it holds."""
