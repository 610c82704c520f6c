"""The settings that a user can change."""

from rag.settings.settings import Settings, load_settings

__all__ = ["Settings", "load_settings"]
