"""Language models behind one small protocol."""

from rag.generation.engine import Engine, Message, create_engine

__all__ = ["Engine", "Message", "create_engine"]
