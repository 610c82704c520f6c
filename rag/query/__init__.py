"""From a question to a `Query`: follow-ups made whole, two questions taken apart, filters read."""
