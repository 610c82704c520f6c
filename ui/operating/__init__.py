"""What operators of the app need: health, metrics, logs, orderly shutdown, path prefixes, assistants."""
