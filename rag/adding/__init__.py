"""Add web pages and feeds to the folder of articles; nothing but `rag add` fetches any."""

from rag.adding.facade import Outcome, add
from rag.adding.types import RefusedError

__all__ = ["Outcome", "RefusedError", "add"]
