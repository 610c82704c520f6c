"""Start the app: open the index in the background, show a page that waits for it, run the server."""
