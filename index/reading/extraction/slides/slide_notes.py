"""The heading of the speaker's notes, which are not visible on the slide."""

from __future__ import annotations


def heading_of_notes(language: str) -> str:
    """Return the heading of a slide's notes in the language of the file, German if it states none."""
    return "Notizen" if language[:2].lower() in {"", "de"} else "Notes"
