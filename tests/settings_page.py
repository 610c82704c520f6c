"""Prints `docs/settings.md` and `docs/commands.md` from the code: ``python -m tests.settings_page`` writes both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main

from rag.cli import assistants, calibrating, evaluation, receipts, serving
from rag.cli.folder import adding, collections, keeping
from rag.cli.main import app, run
from rag.settings.settings import groups, single
from ui.command import ui
from ui.people.command import tokens, users

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

DOCS = Path(__file__).parents[1] / "docs"
_SETTINGS = """\
# Settings

Each setting is an environment variable. Without `RAG_` and in lower case, its name is also an argument of `RAG.open` and
of `rag.Settings`. Settings are grouped by stage: `RAG_EVIDENCE_TOKENS` is `settings.retrieval.evidence_tokens`, and
`Settings(retrieval={"evidence_tokens": 500})` is the same as `Settings(evidence_tokens=500)`. If a variable begins with
`RAG_` but is not a setting, a warning names the most similar setting. This page is printed from `rag/settings/` by
`python -m tests.settings_page`; a test compares the two.
"""
_HEAD = "\n| variable | in `rag.Settings` | default | meaning |\n|---|---|---|---|\n"
_COMMANDS = """\
# Commands

This page is printed from the commands themselves by `python -m tests.settings_page`; a test compares the two. `rag
COMMAND --help` says the same. Exit codes: 0 for success, 1 if a bound or a check does not hold, 2 for bad input.
"""


def settings() -> str:
    """Return the page of the settings."""
    alone = "".join(_setting(name, name, field) for name, field in single().items())
    stages = [
        f"\n## {_cell(kind.__doc__).rstrip('.')}\n{_HEAD}"
        + "".join(_setting(field.alias or name, f"{stage}.{name}", field) for name, field in kind.model_fields.items())
        for stage, kind in groups().items()
    ]
    return _SETTINGS + _HEAD + alone + "".join(stages)


def _setting(name: str, place: str, field: Any) -> str:
    default = _default(field.get_default(call_default_factory=True))
    return f"| `RAG_{name.upper()}` | `{place}` | {default} | {_cell(field.description)} |\n"


def commands() -> str:
    """Return the page of the commands, including those of evaluation and of the app."""
    adding.register(app)
    assistants.register(app)
    assistants.register(app)
    calibrating.register(app)
    collections.register(app)
    keeping.register(app)
    evaluation.register(app)
    receipts.register(app)
    serving.register(app, run)
    app.command("ui")(ui)
    app.add_typer(users, name="users")
    app.add_typer(tokens, name="tokens")
    return _COMMANDS + "".join(_sections(typer.main.get_command(app), "rag"))


def _sections(command: click.Command, name: str) -> Iterator[str]:
    under: dict[str, Any] = getattr(command, "commands", {})
    if not under or name != "rag":
        yield f"\n## `{name}`\n\n{_cell((command.help or '').split(chr(12))[0])}\n"
        rows = [row for one in command.params if (row := _row(one))]
        if rows:
            yield "\n| argument | default | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    for other, one in sorted(under.items()):
        if not one.hidden:
            yield from _sections(one, f"{name} {other}")


def _row(parameter: Any) -> str:
    if getattr(parameter, "hidden", False) or parameter.name in {"help", "install_completion", "show_completion"}:
        return ""
    names = ", ".join(f"`{one}`" for one in (*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`"
    default = parameter.default() if callable(parameter.default) else parameter.default
    return f"| {names} | {_default(default)} | {_cell(getattr(parameter, 'help', ''))} |"


def _default(value: object) -> str:
    return "" if value is None or value is False or value in ("", (), []) else f"`{value}`"


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings(), encoding="utf-8")
    (DOCS / "commands.md").write_text(commands(), encoding="utf-8")
