"""How the notes for the speaker are marked, which nobody sees on the slide."""

from __future__ import annotations


def heading_of_notes(language: str) -> str:
    """Return the heading over a slide's notes, in the language of the file, German where it says nothing."""
    return "Notizen" if language[:2].lower() in {"", "de"} else "Notes"
