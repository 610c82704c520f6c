"""Language models and embedding models behind small protocols, and where their weights come from."""

from rag.inference.factory import create_engine
from rag.inference.protocol import Engine, Message, Reading

__all__ = ["Engine", "Message", "Reading", "create_engine"]
