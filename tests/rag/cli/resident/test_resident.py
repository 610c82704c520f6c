"""A command has the same output and exit code in a resident process as in its own process."""

from __future__ import annotations

import io
import json
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from rag.cli import console, entry, receipts
from rag.cli.resident import client, server
from rag.cli.safe_console import CurrentConsole
from tests.rag.cli.resident.homes import Home, asking, told

COMMANDS = [
    ["ask", "Was kostet der Hafen von Talheim?"],
    ["ask", "Was kostet der Hafen von Talheim?", "--json"],
    ["ask", "--json", "--strictness", "0", "Wie hoch ist der Turm von Auheim?"],
    ["ask", "Wie alt ist der Mond?", "--strictness=0.9"],
    ["ask", "What does the harbour cost?"],
    ["ask", "Hallo!"],
    ["ask", "Hafen und Turm", "--kind", "list"],
    ["ask", "Hafen?", "--kind", "nonsense"],
    ["ask", "Was kostet der Hafen?", "--where", "source=Bote", "--since", "2024-01-01", "--until", "2024-12-31"],
    ["ask", "Was kostet der Hafen?", "--where", "collection=uploads"],
    ["ask", "Was kostet der Hafen?", "--where", "nonsense"],
    ["ask", "Was kostet der Hafen?", "--since", "gestern"],
    ["ask", "Was kostet der Hafen?", "--strictness", "2"],
    ["ask", "Was kostet der Hafen?", "--strictness", "viel"],
    ["ask", " "],
    ["ask", "x" * 2000],
    ["ask", "Wer ist \udc80?"],
    ["ask", "--jsn", "Wer?"],
    ["ask"],
    ["ask", "Was kostet der Hafen?", "--receipt", "none/beleg.html"],
    ["search", "Hafen Talheim"],
    ["search", "Hafen Talheim", "--json", "-k", "1"],
    ["search", "-21 Grad im Hafen", "-k1"],
    ["search", "Hafen", "-k", "0"],
    ["search", "Hafen", "-k", "viele"],
    ["search", "Hafen", "noch eines"],
    ["search", "Hafen", "--where", "source=niemand"],
    ["search", "Hafen", "--warm"],
    ["search", "--", "--json"],
]
_TIMES = re.compile(r'"(first_\w+|total)_ms": [0-9.]+')


def run(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str, str]:
    """Run a command in this process and return its exit code and output."""
    monkeypatch.setattr(sys, "argv", ["rag", *words])
    with pytest.raises(SystemExit) as end:
        entry.main()
    printed = capsys.readouterr()
    return end.value.code or 0, _TIMES.sub("", printed.out), printed.err


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words)[:40].encode("ascii", "replace").decode())
def test_both_ways_print_the_same(
    words: list[str], home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = run([*words[:1], "--no-warm", *words[1:]], monkeypatch, capsys)
    with home.serving() as resident:
        monkeypatch.setattr("rag.client.RAG", None)  # the command cannot run in its own process
        served = run(words, monkeypatch, capsys)
        assert resident._commands == 1
    assert served == own
    assert own[1] or own[2]


def test_a_terminal_sees_the_same_either_way(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(client.os, "get_terminal_size", lambda number=0: client.os.terminal_size((60, 20)))
    shown = []
    with home.serving() as resident:
        for option in ("--no-warm", "--warm"):
            out, err = Terminal(), Terminal()
            with monkeypatch.context() as patch:
                patch.setattr(sys, "stdout", out)
                patch.setattr(sys, "stderr", err)
                patch.setattr(sys, "argv", ["rag", "ask", option, "Was kostet der Hafen von Talheim?"])
                # Create the consoles as at the start of a process.
                patch.setattr(console, "_out", CurrentConsole(stderr=False))
                patch.setattr(console, "_err", CurrentConsole(stderr=True))
                with pytest.raises(SystemExit):
                    entry.main()
            shown.append((out.getvalue(), err.getvalue()))
        assert resident._commands == 1
    assert shown[0] == shown[1]
    assert "\x1b[1m" in shown[0][0]  # words in bold
    assert "sentences of evidence" in shown[0][1]


def test_a_receipt_lands_where_the_client_stands(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["ask", "Was kostet der Hafen von Talheim?", "--receipt", "beleg.html"]
    own = run([*words, "--no-warm"], monkeypatch, capsys)
    (home.folder / "beleg.html").rename(home.folder / "own.html")
    with home.serving():
        assert run(words, monkeypatch, capsys) == own
    made = [
        re.sub(r"20\d\d-[^<&]*|[0-9a-f]{64}", "", (home.folder / name).read_text("utf-8"))
        for name in ("own.html", "beleg.html")
    ]
    assert _TIMES.sub("", made[0].replace("&quot;", '"')) == _TIMES.sub("", made[1].replace("&quot;", '"'))
    elsewhere = home.folder / "elsewhere"
    elsewhere.mkdir()
    with server.serving(server.Client(sys.stdout, sys.stderr, None, {}, elsewhere, lambda *_: None)):
        receipts.write(home.folder / "beleg.html", "x")
        receipts.check_place(type(elsewhere)("beleg.html"))
        receipts.write(type(elsewhere)("beleg.html"), "y")
    assert (elsewhere / "beleg.html").read_text("utf-8") == "y"


def test_ctrl_c_ends_both_ways_alike(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    words = ["ask", "Was kostet der Hafen?"]
    with monkeypatch.context() as patch:
        patch.setattr(console, "print_stream", interrupted)
        own = run([*words, "--no-warm"], patch, capsys)
    with home.serving(), monkeypatch.context() as patch:
        patch.setattr(client, "Reader", lambda *_: SimpleNamespace(next=interrupted))
        served = run(words, patch, capsys)
    assert served == own
    assert own[0] == 130


def test_a_client_that_goes_stops_its_answer(home: Home) -> None:
    waiting, go_on = threading.Event(), threading.Event()
    home.engine.before_piece = lambda: (waiting.set(), go_on.wait(20))
    home.engine.says = lambda page: ["zwölf ", "Millionen ", "Euro"]
    with home.serving():
        with asking(home, ["ask", "Was kostet der Hafen von Talheim?"]):
            assert waiting.wait(20)
        # The server itself notices that the client has gone.
        deadline = threading.Event()
        for _ in range(1000):
            if home.resident and all(thread.name != "watch" for thread in threading.enumerate()):
                break
            deadline.wait(0.01)
        go_on.set()
        assert home.engine.closed.wait(20)
    assert home.engine.yielded < 3


def test_many_at_once_get_their_own(home: Home) -> None:
    rag = home.open()
    wanted = [
        ["search", f"{word} von {place}", "--json"]
        for word in ("Hafen", "Turm", "Euro")
        for place in ("Auheim", "Talheim")
    ]
    with home.serving(rag), ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda words: told(asking(home, words)), wanted * 3))
    for words, messages in zip(wanted * 3, found, strict=True):
        assert messages[-1] == {"x": 0}
        printed = json.loads("".join(message.get("o", "") for message in messages))
        assert printed == [hit.to_json() for hit in rag.search(words[1])]


def test_the_index_changed_meanwhile(home: Home) -> None:
    def paths() -> set[str]:
        messages = told(asking(home, ["search", "Brücke von Zürich", "--json"]))
        return {hit["path"] for hit in json.loads("".join(message.get("o", "") for message in messages))}

    with home.serving():
        assert "neu.md" not in paths()
        (home.folder / "corpus" / "neu.md").write_text("# Neu\n\nDie Brücke von Zürich steht.\n", encoding="utf-8")
        home.open()  # like `rag index` in another process
        assert "neu.md" in paths()
        (home.folder / "corpus" / "neu.md").unlink()
        home.open()
        assert "neu.md" not in paths()


def test_own_files_that_another_process_adds_and_removes(home: Home) -> None:
    words = ["search", "Kuchenbasar", "--where", "collection=uploads", "--json"]
    with home.serving():
        assert told(asking(home, words))[-1] == {"x": 2}  # there are no uploads
        own = home.open().uploads
        upload = own.add("Blatt.txt", b"Der Kuchenbasar brachte 412 Euro ein.")
        messages = told(asking(home, words))
        assert messages[-1] == {"x": 0}
        assert "412 Euro" in "".join(message.get("o", "") for message in messages)
        own.remove(upload.path)
        assert told(asking(home, words))[-1] == {"x": 2}


def test_what_was_said_of_the_settings_is_said_to_each(home: Home) -> None:
    with home.serving(warnings=("RAG_X is no setting.",)):
        for _ in range(2):
            messages = told(asking(home, ["search", "Hafen"]))
            assert "".join(message.get("e", "") for message in messages) == "RAG_X is no setting.\n"


def test_another_index_is_left_to_the_client(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with home.serving() as resident:
        assert "refused" in told(asking(home, ["search", "Hafen", "--index", "other"]))[-1]
        # If the question looks like an option, the client finds no process or is refused, and runs the command itself.
        assert run(["search", "--", "--index"], monkeypatch, capsys)[0] == 0
        assert run(["search", "Hafen", "--index", ".rag"], monkeypatch, capsys)[0] == 0
        assert resident._commands == 2


def test_a_process_that_goes_on_the_way_is_said(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def half(words: list[str]) -> int:
        console.say("Ein Teil.")
        raise OSError("gone")

    with home.serving() as resident:
        resident._run = half
        code, out, err = run(["search", "Hafen"], monkeypatch, capsys)
        assert (code, out, len(err.splitlines())) == (1, "Ein Teil.\n", 1)
        resident._run = lambda words: (_ for _ in ()).throw(OSError("gone"))
        assert run(["search", "Hafen"], monkeypatch, capsys)[0] == 0  # nothing was printed yet, so the client runs it


def test_a_command_that_fails_unexpectedly_does_not_end_the_process(home: Home) -> None:
    with home.serving() as resident:
        resident._run, before = lambda words: 1 / 0, resident._run  # type: ignore[assignment, return-value]
        assert told(asking(home, ["search", "Hafen"]))[-1] == {"refused": "ZeroDivisionError"}
        resident._run = before
        assert told(asking(home, ["search", "Hafen"]))[-1] == {"x": 0}
