"""
What the app says if nothing is asked about the articles: to a greeting, to thanks, to questions about itself.

`reply` needs no language model. It answers in the app's own words, which cite nothing.
"""

from rag.talk.following import following
from rag.talk.replies import Reply, prepare, reply

__all__ = ["Reply", "following", "prepare", "reply"]
