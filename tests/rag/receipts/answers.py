"""Articles in several formats, and answers of every form to questions about them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag import Settings
from rag.receipts import Files, check, read
from tests.files import article, make_docx, make_zip
from tests.rag.building import synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

    from rag import RAG
    from rag.receipts import Report

PLAIN = {
    "hafen.md": (
        "---\ntitle: Der Hafen von Talheim\ndate: 2024-05-02\n---\n\n# Der Hafen von Talheim\n\n"
        "Der Hafen von Talheim wird bis 2027 um drei Becken erweitert. Die Reederei Nordlicht zahlt dafür zwölf Millionen "
        "Euro. Die Stadt baut im nächsten Jahr eine Brücke zum Hafen. Der Hafen von Talheim liegt an der Auer; dort "
        "fürchten Fischer, die seit vielen Jahren von dem Fluss und seinen kühlen Armen leben, um den Lachs; Otto "
        "Brand nennt den Ausbau überfällig, obwohl alte Karten aus vielen Jahren fehlen.\n"
    ),
    "werft.txt": (
        "Die Werft in Auheim\r\n\r\nDie Werft in Auheim baut Fähren aus Aluminium 🚢. Ihre Fähren fahren mit Strom. Die "
        "Werft beschäftigt seit 2021 neunzig Menschen in zwei Hallen. Die Reederei Nordlicht hat dort vier Fähren bestellt.\r\n"
    ),
}
PACKED = (
    "Im Archiv liegt der Bericht über den Leuchtturm von Norderoog. Der Leuchtturm ist achtundvierzig Meter hoch.\n"
)
ASKED: tuple[tuple[str, str | None, bool], ...] = (
    ("Wie viel zahlt die Reederei Nordlicht für den Hafen von Talheim?", "fact", True),
    ("Wo liegt der Hafen von Talheim?", "fact", True),
    ("Was ist mit dem Hafen von Talheim und der Werft in Auheim?", "list", True),
    ("Was ist mit dem Hafen von Talheim und der Werft in Auheim?", "comparison", True),
    ("Was geschah mit dem Hafen von Talheim?", "timeline", True),
    ("Wie hoch ist der Leuchtturm von Norderoog?", "fact", True),
    ("Welche Wärmepumpen hat die Gemeinde Talheim gefördert?", "list", True),
    ("Wie alt ist der Mond?", "fact", False),
    ("Hallo!", "talk", True),
)


@dataclass(frozen=True)
class Made:
    """Articles and the answers from them; the representation is short because hypothesis prints it."""

    folder: Path = field(repr=False)
    index: Path = field(repr=False)
    rag: RAG = field(repr=False)
    answers: list[dict[str, Any]] = field(repr=False)
    pages: list[str] = field(repr=False)

    def verified(self, value: object) -> Report:
        """Check an answer or a page against the files."""
        return verified(value, self.folder, self.index)


def make(home: Path) -> Made:
    """Write articles, get an answer of each form, and make two receipts."""
    write(home / "corpus")
    rag = built(home / "corpus", home / "index")
    first = rag.ask(ASKED[0][0])
    second = rag.ask("Was ist mit dem Hafen von Talheim und der Werft in Auheim?", kind="comparison")
    pages = [rag.receipt(first), rag.receipt(second, language="en")]
    return Made(home / "corpus", home / "index", rag, asked(rag), pages)


def write(folder: Path) -> None:
    """Write the articles."""
    folder.mkdir()
    for name, text in PLAIN.items():
        (folder / name).write_bytes(text.encode())
    (folder / "bericht.docx").write_bytes(make_docx(article))
    (folder / "alt.zip").write_bytes(make_zip({"ordner/turm.md": PACKED.encode()}))


def built(folder: Path, index: Path) -> RAG:
    """Return an open index of the articles, with a model that gives the right answers."""

    def says(page: str) -> list[str]:
        return ["an der Auer"] if "Wo liegt" in page else ["zwölf Millionen Euro"]

    engine = ScriptedEngine(says=says, confirms=lambda page: "Mond" not in page)
    return synced(folder, index, engine)


def asked(rag: RAG) -> list[dict[str, Any]]:
    """Return an answer of each form, as `rag ask --json` prints it."""
    answers = []
    for question, kind, confirmed in ASKED:
        options: Any = {"kind": kind}
        answer = rag.located(rag.ask(question, **options))
        assert answer.abstained is not confirmed, question
        answers.append(json.loads(json.dumps(answer.to_json())))
    return answers


def verified(value: object, folder: Path, index: Path) -> Report:
    """Check an answer or a page against the files alone."""
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return check(read(data), Files(Settings(corpus=folder, index=index)))
