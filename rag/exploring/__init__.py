"""Describe the articles before a question is asked: their subjects, a map, and questions that they answer."""
