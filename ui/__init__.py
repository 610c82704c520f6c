"""
The browser app.

`launch` opens it on a running `rag.RAG`; `create_app` only builds it.
"""

from ui._offline import OFFLINE
from ui.app import create_app
from ui.launching.serving import launch

__all__ = ["OFFLINE", "create_app", "launch"]
