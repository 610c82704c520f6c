"""A small corpus, a set of questions about it, and a scripted model that answers from the text that it reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.rag.building import build
from tests.rag.evaluation.sets import write
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag import RAG

NAMES = ("Adler", "Biber", "Dachs", "Esel", "Fuchs", "Gans", "Hase", "Igel", "Krähe", "Luchs", "Marder", "Otter")
ABSENT = ("Panther", "Rabe", "Storch", "Wolf")
_ASKED = re.compile(r"Wie viele Leute hat die Firma (\w+)\?")


def articles(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(NAMES, start=20):
        text = f"# Die Firma {name}\n\nDie Firma {name} hat {number} Leute. Sie baut Maschinen.\n"
        (folder / f"{name.lower()}.md").write_text(text, encoding="utf-8")
    return folder


def case(name: str, **fields: object) -> dict[str, object]:
    question = {"id": name, "question": f"Wie viele Leute hat die Firma {name}?"}
    if name not in NAMES:
        return {**question, "answerable": False, **fields}
    number, path = 20 + NAMES.index(name), f"{name.lower()}.md"
    quote = f"Die Firma {name} hat {number} Leute."
    return {**question, "answers": [str(number)], "sources": [path], "gold_quotes": [quote], **fields}


def questions(file: Path, names: Sequence[str] = (*NAMES, *ABSENT)) -> Path:
    return write(file, *(case(name) for name in names))


class Looking(ScriptedEngine):
    """Answers from the text about the company in question; confirms only for the companies in ``sure``."""

    def __init__(self, sure: Sequence[str] = NAMES) -> None:
        super().__init__(confirms=lambda page: _asked(page) in sure, says=_number)


def _asked(page: str) -> str:
    return _ASKED.findall(page)[-1] if _ASKED.search(page) else ""


def _number(page: str) -> list[str]:
    found = re.search(rf"Die Firma {_asked(page)} hat (\d+) Leute", page)
    return [f"Die Firma hat {found[1]} Leute." if found else "Die Firma hat Leute."]


def open_rag(folder: Path, engine: ScriptedEngine | None = None, **settings: Any) -> RAG:
    return build(articles(folder / "articles"), folder / "index", engine or Looking(), **settings)
