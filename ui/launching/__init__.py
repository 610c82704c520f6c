"""Starts the app: the index opened in the background, the page that waits for it, the server."""
