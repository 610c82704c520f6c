"""Train the classifiers over the form of a question."""
