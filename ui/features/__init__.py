"""The panels beside the answer: articles, own files, feedback, the map."""
