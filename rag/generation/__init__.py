"""Language models behind one small protocol."""

from rag.generation.engine import Engine, Message, Reading, create_engine

__all__ = ["Engine", "Message", "Reading", "create_engine"]
