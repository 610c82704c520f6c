"""Commands that bring articles into the folder, and keep its index up to date and safe."""
