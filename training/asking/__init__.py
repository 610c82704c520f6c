"""Training of the network that tells what a question asks for."""
