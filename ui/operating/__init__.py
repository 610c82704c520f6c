"""What whoever runs the app for others needs: health, metrics, logs, an end in good order, prefixes, assistants."""
