"""
The browser app.

`launch` opens it on a running `rag.RAG`; `create_app` only builds it.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ui._offline import OFFLINE

if TYPE_CHECKING:
    from ui.app import create_app
    from ui.launching.serving import launch

__all__ = ["OFFLINE", "create_app", "launch"]

# Imported on first use: Gradio takes a second to import, and is missing without the extra `ui`.
_MODULES = {"create_app": "ui.app", "launch": "ui.launching.serving"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
