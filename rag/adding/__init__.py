"""Adding what lies on the web to the folder of articles: `rag add`, and nothing else, fetches anything."""

from rag.adding.facade import Outcome, add
from rag.adding.types import RefusedError

__all__ = ["Outcome", "RefusedError", "add"]
