"""The network that tells what a question asks for; `training.asking` makes it."""
