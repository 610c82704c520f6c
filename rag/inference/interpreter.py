"""
A lock for work that holds the interpreter for long while models are loaded.

Two models load at the same time, mostly in native code that runs in parallel. But reading a tokenizer blocks all
other threads (0.8 s for the embedding model's), so it must not come between the reading of the language model and its
compilation, which takes longest of all: on a cold start, the first word would come that much later.
"""

from __future__ import annotations

import threading

TURN = threading.Lock()
"""Held by a thread that needs the interpreter to reach native code or holds it for long; not by one that only waits."""
