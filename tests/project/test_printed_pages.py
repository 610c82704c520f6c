"""The documentation of settings and commands matches the code."""

from __future__ import annotations

from tests import settings_page


def test_the_settings_are_printed_as_they_are() -> None:
    assert (settings_page.DOCS / "settings.md").read_text(encoding="utf-8") == settings_page.settings()
    assert "| `RAG_STRICTNESS` | `answering.strictness` | `0.6` |" in settings_page.settings()


def test_the_commands_are_printed_as_they_are() -> None:
    printed = settings_page.commands()
    assert (settings_page.DOCS / "commands.md").read_text(encoding="utf-8") == printed
    assert "## `rag ask`" in printed
    assert "`--strictness`" in printed
    assert "\x1b" not in printed
