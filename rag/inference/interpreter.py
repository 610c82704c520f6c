"""
Whose turn it is with what holds the interpreter for long while models are loaded.

Two models load at once, and most of that is native code that runs beside the other's. But reading a tokenizer keeps all
other threads waiting (0.8 s for the embedding model's), so it must not come between the language model's reading and its
compiling, which takes longest of all: cold, the first word would come that much later.
"""

from __future__ import annotations

import threading

TURN = threading.Lock()
"""Held by whoever needs the interpreter to get to native code, or holds it for long; never by whoever waits for another."""
