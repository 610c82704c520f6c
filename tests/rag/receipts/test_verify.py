"""Changed, moved, missing and hostile files: what the command reports and how it ends."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import replace
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import RagError
from rag import Settings
from rag.cli import main as cli
from rag.cli import receipts as commands
from rag.limits import LONGEST_RECEIPT, MOST_RECEIPT_ITEMS
from rag.receipts import Files, read
from tests.rag.building import synced
from tests.rag.receipts.answers import Made, make, verified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("once"))


@pytest.fixture
def made(once: Made, tmp_path: Path) -> Made:
    """Return articles and an index for one test alone."""
    for folder in (once.folder, once.index):
        shutil.copytree(folder, tmp_path / folder.name)
    return replace(once, folder=tmp_path / once.folder.name, index=tmp_path / once.index.name)


def run(made: Made, *arguments: str, given: str = "", capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run the command in this process and return its exit code and output."""
    folders = ["--corpus", str(made.folder), "--index", str(made.index)]
    before = sys.argv, sys.stdin
    sys.argv = ["rag", "verify", *arguments, *folders]
    sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode("utf-8", "surrogatepass")))
    try:
        cli.main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv, sys.stdin = before
    printed = capsys.readouterr()
    return int(code or 0), printed.out, printed.err


def file_of(made: Made, value: object) -> str:
    file = made.folder.parent / "answer.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return str(file)


def test_exit_codes_and_lines(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(made, file_of(made, made.answers[0]), capsys=capsys)
    assert (code, err) == (0, "")
    assert (
        out.splitlines()[-1] == "2 of 2 quotes stand where the answer says, and it shows nothing else as the sources'."
    )
    wrong = json.loads(json.dumps(made.answers[0]))
    wrong["citations"][0]["quote"] = wrong["citations"][0]["quote"].replace("drei", "vier")
    code, out, _ = run(made, "-", given=json.dumps(wrong), capsys=capsys)
    assert code == 1
    lines = [line for line in out.splitlines() if line.startswith("does not hold: ")]
    assert len(lines) == 2  # the quote, and the sentence that differs from it
    assert "hafen.md" in lines[0]
    assert "nowhere" in lines[0]
    code, out, err = run(made, "-", given="kein JSON", capsys=capsys)
    assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_json_is_one_document(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(made, file_of(made, made.pages[0]), "--json", capsys=capsys)
    assert code == 0
    report = json.loads(out)
    assert (report["verdict"], report["quotes"], report["standing"]) == ("holds", 2, 2)
    assert report["files"] == {"hafen.md": "same"}


@pytest.mark.parametrize(
    ("change", "verdict", "said"),
    [
        (lambda text: text + "\nMehr.\n", "unknown", "changed since; the quote still stands at"),
        (lambda text: "\n\n" + text, "unknown", "changed since; the quote moved to"),
        (lambda text: text.replace("zwölf", "elf"), "broken", "the quote is gone"),
    ],
)
def test_a_file_that_changed_since(made: Made, change: Callable[[str], str], verdict: str, said: str) -> None:
    file = made.folder / "hafen.md"
    file.write_text(change(file.read_text("utf-8")), encoding="utf-8")
    report = made.verified(made.answers[0])
    assert report.verdict == verdict
    assert report.files == {"hafen.md": "changed"}
    assert any(said in finding.what for finding in report.findings)


def test_a_document_that_changed_since_and_whose_text_is_taken_out(made: Made) -> None:
    from tests.files import article, make_docx

    def longer(document: Any) -> None:
        document.add_paragraph("Ein neuer Absatz steht davor.")
        article(document)

    (made.folder / "bericht.docx").write_bytes(make_docx(longer))
    report = made.verified(made.answers[6])
    assert report.verdict == "unknown"
    assert "moved to" in report.of("unknown")[0].what


def test_a_file_that_is_gone_or_cannot_be_read_leaves_it_open(made: Made) -> None:
    (made.folder / "hafen.md").unlink()
    assert made.verified(made.answers[0]).verdict == "unknown"
    (made.folder / "hafen.md").mkdir()
    assert made.verified(made.answers[0]).verdict == "unknown"
    (made.folder / "hafen.md").rmdir()
    (made.folder / "hafen.md").write_bytes(b"\x00\x01")
    assert made.verified(made.answers[0]).verdict == "unknown"
    (made.folder / "alt.zip").write_bytes(b"PK\x03\x04 broken")
    assert made.verified(made.answers[5]).verdict == "unknown"


def test_a_quote_gone_counts_before_a_file_missing(made: Made) -> None:
    (made.folder / "werft.txt").unlink()
    (made.folder / "hafen.md").write_text("Hier steht nichts mehr davon.\n", encoding="utf-8")
    assert made.verified(made.answers[3]).verdict == "broken"


def test_a_damaged_index_is_done_without(made: Made) -> None:
    for file in made.index.glob("store-*"):
        file.write_bytes(b"nothing")
    assert made.verified(made.answers[6]).verdict == "holds"


def test_records_and_own_files(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    record = {"title": "Meldung", "text": "Der Turm von Auheim ist neunzig Meter hoch."}
    (folder / "a.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    rag = synced(folder, tmp_path / "index", "neunzig Meter", json_files="on")
    rag.uploads.add("Mein Plan.txt", b"Der Plan von Talheim kostet vierzig Euro im Monat.\n")
    for question, collection in (("Wie hoch ist der Turm von Auheim?", "all"), ("Was kostet der Plan?", "uploads")):
        answer = rag.ask(question, filter={"collection": collection}, strictness=0)
        report = verified(answer.to_json(), folder, tmp_path / "index")
        assert (report.verdict, report.standing > 0) == ("holds", True), report
        assert verified(rag.receipt(answer), folder, tmp_path / "index").verdict == "holds"
    assert report.files.keys() == {".uploads/Mein Plan.txt"}


def test_a_mail_and_what_is_attached_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    mail = EmailMessage()
    mail["Subject"] = "Brücke"
    mail.set_content("Die Brücke von Auheim wird im Mai gesperrt.")
    mail.add_attachment(b"Der Umbau kostet neunzig Millionen Euro.\n", "text", "plain", filename="plan.txt")
    (folder / "m.eml").write_bytes(mail.as_bytes())
    rag = synced(folder, tmp_path / "index", "neunzig Millionen Euro")
    answer = rag.ask("Was kostet der Umbau?", strictness=0)
    assert answer.citations[0].path == "m.eml/plan.txt"
    assert verified(answer.to_json(), folder, tmp_path / "index").verdict == "holds"
    own = synced(folder, tmp_path / "index", "im Mai").ask("Wann wird die Brücke von Auheim gesperrt?", strictness=0)
    assert own.citations[0].path == "m.eml"
    assert verified(own.to_json(), folder, tmp_path / "index").verdict == "holds"


@pytest.mark.parametrize(
    "path",
    [
        "../geheim.md", "/etc/passwd", "a/../../geheim.md", "C:/geheim.md", "a\\..\\geheim.md", ".git/config", "", "./x.md",
        "hafen.md\x00", "a//b", ".uploads/../../geheim.md", ".uploads/", "\ud800.md", "x" * 5000,
    ],
)  # fmt: skip
def test_a_path_out_of_the_folder_is_refused_in_one_line(made: Made, path: str) -> None:
    (made.folder.parent / "geheim.md").write_text("Geheim.\n", encoding="utf-8")
    answer = json.loads(json.dumps(made.answers[0]))
    answer["citations"][0]["path"] = path
    with pytest.raises(RagError, match="path") as caught:
        made.verified(answer)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("folder", [False, True])
def test_a_link_out_of_the_folder_is_refused_in_one_line(made: Made, folder: bool) -> None:
    outside = made.folder.parent / "draußen"
    outside.mkdir()
    (made.folder / "hafen.md").rename(outside / "hafen.md")
    if folder:
        (made.folder / "sub").symlink_to(outside)
    else:
        (made.folder / "hafen.md").symlink_to(outside / "hafen.md")
    answer = json.loads(json.dumps(made.answers[0]))
    if folder:
        for one in answer["citations"]:
            one["path"] = "sub/hafen.md"
    with pytest.raises(RagError, match="leads out") as caught:
        made.verified(answer)
    assert "\n" not in str(caught.value)


def test_a_link_that_leads_to_itself_is_refused(made: Made) -> None:
    (made.folder / "hafen.md").unlink()
    (made.folder / "hafen.md").symlink_to(made.folder / "hafen.md")
    try:
        assert made.verified(made.answers[0]).verdict == "unknown"
    except RagError as error:
        assert "\n" not in str(error)


DEEP = "[" * 200_000 + "]" * 200_000


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "3", '"x"', "{}", DEEP, '{"answer": ' + DEEP + "}", "{", "NaN", '{"a": NaN}', '{"a": 1e999}',
        '{"a": ' + "9" * 10_000 + "}", '{"a": 1, "a": 2}', "\x00", "<html></html>", "<", '<pre id="answer">{}</pre>',
        '<pre id="answer"></pre>', '<pre id="answer">{"receipt": 2}</pre>', '<pre id="answer">{"receipt": true}</pre>',
        '<pre id="answer">{"receipt": 1}</pre>', '<pre id="answer">{"receipt": 1, "answer": []}</pre>',
        '</pre><pre id="answer">', '[{"path": "a.md", "start": 0, "end": 3, "text": "abc"}]', "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_in_one_line(made: Made, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(made, "-", given=text, capsys=capsys)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith("error: ")
    assert len(err) < 500


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("answer", None), ("answer", 3), ("abstained", "no"), ("abstained", 0), ("sentences", {}), ("citations", None),
        ("sentences", [{}] * (MOST_RECEIPT_ITEMS + 1)), ("sentences", [None]), ("language", None), ("models", []),
        ("citations", [{"path": "a"}]), ("evidence", "x"),
    ],
)  # fmt: skip
def test_wrong_types_are_named(made: Made, name: str, value: object) -> None:
    with pytest.raises(RagError, match=name) as caught:
        made.verified({**made.answers[0], name: value})
    assert "\n" not in str(caught.value)


def test_an_answer_of_another_version_is_said_to_be_one(made: Made) -> None:
    earlier = {name: value for name, value in made.answers[0].items() if name != "sentences"}
    with pytest.raises(RagError, match=r"another version: sentences"):
        made.verified(earlier)


def test_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(RagError, match="20 MB"):
        read(b" " * (LONGEST_RECEIPT + 1))


def test_a_file_that_cannot_be_read_is_one_line(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (str(made.folder), str(made.folder / "none.json"), "x" * 300):
        code, out, err = run(made, name, capsys=capsys)
        assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_each_file_is_read_once(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    from rag.receipts import checking, files

    monkeypatch.setattr(
        files, "parse", lambda data, path, _parse=files.parse, **k: looked.append(path) or _parse(data, path, **k)
    )
    answer = max(made.answers, key=lambda one: len(one["citations"]))
    checking.check(read(json.dumps(answer).encode()), Files(Settings(corpus=made.folder, index=made.index)))
    cited = {one["path"] for one in answer["citations"]}
    assert len(answer["citations"]) > len(cited)
    assert sorted(looked) == sorted(cited)


def test_a_receipt_is_written_beside_the_answer(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = made.folder.parent / "beleg.html"
    monkeypatch.setattr(cli, "_rag", lambda corpus, index: made.rag)
    cli.app(["ask", "Wo liegt der Hafen von Talheim?", "--json", "--receipt", str(file)], standalone_mode=False)
    printed = capsys.readouterr()
    assert json.loads(printed.out)["answer"].startswith("Der Hafen von Talheim liegt an der Auer")
    assert str(file) in printed.err
    assert run(made, str(file), capsys=capsys)[0] == 0
    asked: list[str] = []
    monkeypatch.setattr(cli, "_rag", lambda corpus, index: asked.append("asked"))
    with pytest.raises(RagError, match="cannot be written"):
        cli.app(["ask", "Wo?", "--receipt", str(file.parent / "none" / "b.html")], standalone_mode=False)
    assert asked == []


def test_the_check_imports_no_model_and_no_runtime(made: Made) -> None:
    from tests.rag.cli.test_imports import HEAVY, imported

    arguments = ["verify", file_of(made, made.answers[0]), "--corpus", str(made.folder), "--index", str(made.index)]
    call = f"import sys; sys.argv = ['rag', *{arguments!r}]\nfrom rag.cli.main import main"
    found = imported(f"{call}\ntry:\n    main()\nexcept SystemExit as end:\n    assert not end.code")
    assert "rag.receipts.checking" in found
    assert not (HEAVY | {"rag.client", "rag.inference"}) & found


def test_the_command_is_registered_once(made: Made) -> None:
    app = cli.typer.Typer()
    commands.register(app)
    assert [one.name for one in app.registered_commands] == ["verify"]
