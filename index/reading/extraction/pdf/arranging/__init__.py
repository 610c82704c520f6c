"""Put the content of a page in reading order."""
