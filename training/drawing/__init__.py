"""Examples drawn from them: true ones and such that are not."""
