"""Turn a question into a `Query`: complete follow-ups, split questions that ask two things, read filters."""
