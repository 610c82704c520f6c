"""
What the app says when nothing is asked of the articles: to a greeting, to thanks, to questions about itself.

`reply` needs no language model. What it says are the app's own words; they cite nothing.
"""

from rag.talk.following import following
from rag.talk.replies import Reply, prepare, reply

__all__ = ["Reply", "following", "prepare", "reply"]
