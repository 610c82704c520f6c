"""Added pages are stored unchanged, fetched again politely, and never overwrite the user's own files."""

from __future__ import annotations

import ast
import errno
import gzip
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from index.errors import CorpusError
from index.reading.documents import load
from rag.adding import Outcome, add
from rag.adding.facade import lock_of
from rag.adding.fetching import Fetcher
from tests.rag.adding.hosts import Host, moved, page, reply
from tests.rag.building import build

ROOT = Path(__file__).parents[3]
Make = Callable[..., Fetcher]


def only(outcomes: tuple[Outcome, ...]) -> Outcome:
    assert len(outcomes) == 1
    return outcomes[0]


def test_a_page_is_kept_as_the_bytes_it_was_with_its_address(host: Host, folder: Path, fetcher: Make) -> None:
    answer = page("Grüße aus Auheim, im Mai waren es 800 Stück.", ETag='"1"')
    host.answers["/a/text.html"] = answer
    found = only(add([host.url("/a/text.html#part")], folder, fetcher=fetcher()))
    assert (found.status, found.path) == ("added", "127.0.0.1/a-text.html")
    file = folder / found.path
    assert file.read_bytes() == answer.partition(b"\r\n\r\n")[2]
    assert load(file, folder).metadata.url == host.url("/a/text.html")
    assert host.asked[-1][1]["user-agent"].startswith("Quellentreu")


def test_what_was_added_is_in_the_index_with_its_address(
    host: Host, folder: Path, index_dir: Path, fetcher: Make
) -> None:
    host.answers |= {"/a.txt": reply(b"Auheim liegt am Main.", Content_Type="text/plain")}
    add([host.url("/a.txt")], folder, fetcher=fetcher())
    rag = build(folder, index_dir)
    assert rag.sync().added == 1
    assert rag.document("127.0.0.1/a.txt").metadata.url == host.url("/a.txt")
    host.answers |= {"/a.txt": reply(b"Auheim liegt am Rhein.", Content_Type="text/plain")}
    add([host.url("/a.txt")], folder, fetcher=fetcher())
    assert rag.sync().changed == 1
    assert "Rhein" in rag.document("127.0.0.1/a.txt").text


def test_one_at_a_time_adds_to_a_folder(host: Host, folder: Path, fetcher: Make) -> None:
    lock_of(folder).parent.mkdir(parents=True)
    with FileLock(lock_of(folder)), pytest.raises(CorpusError, match="Another `rag add`"):
        add([host.url("/a")], folder, fetcher=fetcher())
    assert host.asked == []


def test_nothing_lies_in_the_folder_but_what_was_fetched(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = page("Eins.")
    found = only(add([host.url("/a")], folder, fetcher=fetcher()))
    assert {file for file in folder.rglob("*") if file.is_file()} == {
        folder / found.path,
        folder / f"{found.path}.meta.yaml",
    }


@pytest.mark.parametrize("full_after", [0, 1])
def test_an_update_on_a_full_disk_leaves_the_earlier_page_whole(
    host: Host, folder: Path, fetcher: Make, monkeypatch: pytest.MonkeyPatch, full_after: int
) -> None:
    host.answers["/a"] = page("Eins.")
    added = only(add([host.url("/a")], folder, fetcher=fetcher()))
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    host.answers["/a"] = page("Zwei.")
    synced, room = os.fsync, iter(range(full_after))

    def fsync(handle: int) -> None:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synced(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        found = only(add([host.url("/a")], folder, fetcher=fetcher()))
    assert (found.status, found.kind) == ("refused", "place")
    assert "No space left on device" in found.reason
    assert "the earlier file stays as it was" in found.reason
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert only(add([host.url("/a")], folder, fetcher=fetcher())).status == "updated"
    assert b"Zwei." in (folder / added.path).read_bytes()


def test_who_reads_the_outcomes_may_go_away(host: Host, folder: Path, fetcher: Make) -> None:
    def gone(_outcome: Outcome) -> None:
        raise BrokenPipeError

    host.answers |= {"/a": page()}
    with pytest.raises(BrokenPipeError):
        add([host.url("/a")], folder, fetcher=fetcher(), told=gone)
    assert only(add([host.url("/a")], folder, fetcher=fetcher())).status == "unchanged"


def test_what_is_packed_for_the_way_is_unpacked(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a.txt"] = reply(gzip.compress(b"Ein Text."), Content_Type="text/plain", Content_Encoding="gzip")
    found = only(add([host.url("/a.txt")], folder, fetcher=fetcher()))
    assert (folder / found.path).read_bytes() == b"Ein Text."


def test_added_again_only_what_changed_is_fetched(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = page("Eins.", ETag='"1"', Last_Modified="Thu, 08 May 2025 10:00:00 GMT")
    add([host.url("/a")], folder, fetcher=fetcher())
    host.answers["/a"] = reply(b"", "304 Not Modified")
    found = only(add([host.url("/a")], folder, fetcher=fetcher()))
    assert found.status == "unchanged"
    headers = host.asked[-1][1]
    assert headers["if-none-match"] == '"1"'
    assert headers["if-modified-since"] == "Thu, 08 May 2025 10:00:00 GMT"
    host.answers["/a"] = page("Zwei.")
    found = only(add([host.url("/a")], folder, fetcher=fetcher()))
    assert found.status == "updated"
    assert b"Zwei." in (folder / found.path).read_bytes()
    assert only(add([host.url("/a")], folder, fetcher=fetcher())).status == "unchanged"


def test_what_the_user_changed_is_not_overwritten(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers["/a"] = page("Eins.")
    file = folder / only(add([host.url("/a")], folder, fetcher=fetcher())).path
    file.write_text("Meins.", encoding="utf-8")
    asked = len(host.asked)
    found = only(add([host.url("/a")], folder, fetcher=fetcher()))
    assert (found.status, found.kind) == ("refused", "changed")
    assert file.read_text(encoding="utf-8") == "Meins."
    assert len(host.asked) == asked


def test_a_file_of_the_users_own_keeps_its_name(host: Host, folder: Path, fetcher: Make) -> None:
    own = folder / "127.0.0.1" / "a.html"
    own.parent.mkdir()
    own.write_text("Meins.", encoding="utf-8")
    host.answers["/a"] = page()
    found = only(add([host.url("/a")], folder, fetcher=fetcher()))
    assert found.status == "added"
    assert found.path != "127.0.0.1/a.html"
    assert own.read_text(encoding="utf-8") == "Meins."


def test_two_addresses_with_one_name_are_two_files(host: Host, folder: Path, fetcher: Make) -> None:
    paths = ["/a/b", "/a-b", "/a%2Fb", "/a?b", "/a?c"]
    host.answers |= {path: page(path) for path in paths}
    found = add([host.url(path) for path in paths], folder, fetcher=fetcher())
    assert [one.status for one in found] == ["added"] * 3 + ["added"] * 2
    assert len({one.path for one in found}) == len(paths)
    assert all(path.encode() in (folder / one.path).read_bytes() for path, one in zip(paths, found, strict=True))


def test_an_address_that_leads_to_another_is_one_file(host: Host, folder: Path, fetcher: Make) -> None:
    host.answers |= {"/old": moved("/new"), "/older": moved("/old", "301 Moved Permanently"), "/new": page()}
    found = add([host.url("/older"), host.url("/old"), host.url("/new")], folder, fetcher=fetcher())
    assert [one.status for one in found] == ["added", "unchanged", "unchanged"]
    assert {one.path for one in found} == {"127.0.0.1/new.html"}


def test_a_folder_that_leads_out_of_the_articles_is_not_written_to(
    host: Host, folder: Path, tmp_path: Path, fetcher: Make
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "127.0.0.1").symlink_to(outside, target_is_directory=True)
    host.answers["/a"] = page()
    found = only(add([host.url("/a")], folder, fetcher=fetcher()))
    assert (found.status, found.kind) == ("refused", "place")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "media_type", "body", "name"),
    [
        ("/x", "text/plain", b"Text.", "x.txt"),
        ("/x.md", "text/plain", b"# Text", "x.md"),
        ("/x.md", "application/octet-stream", b"# Text", "x.md"),
        ("/x.htm", "text/html", b"<html>Text", "x.htm"),
        ("/x.php", "text/html", b"<html>Text", "x.php.html"),
        ("/x.csv", "text/csv", b"a,b\n1,2\n", "x.csv"),
        ("/x", "application/pdf", b"%PDF-1.4\n%x", "x.pdf"),
    ],
)
def test_the_ending_is_that_of_the_type(
    path: str, media_type: str, body: bytes, name: str, host: Host, folder: Path, fetcher: Make
) -> None:
    host.answers[path] = reply(body, Content_Type=media_type)
    assert only(add([host.url(path)], folder, fetcher=fetcher())).path == f"127.0.0.1/{name}"


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("video/mp4", b"x"),
        ("application/octet-stream", b"x"),
        ("application/pdf", b"<html>Anmelden"),
        ("text/html", b"%PDF-1.4\n%x"),
        ("text/html", b"  \n"),
        ("application/zip", b"PK\x03\x04"),
    ],
)
def test_what_the_index_cannot_read_is_refused(
    media_type: str, body: bytes, host: Host, folder: Path, fetcher: Make
) -> None:
    host.answers["/x"] = reply(body, Content_Type=media_type)
    found = only(add([host.url("/x")], folder, fetcher=fetcher()))
    assert (found.status, found.kind) == ("refused", "type")
    assert not [one for one in folder.rglob("*") if one.is_file() and not one.name.startswith(".")]


def test_nothing_else_in_the_program_can_fetch() -> None:
    users = set()
    for package in ("index", "rag", "ui"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                names += [f"{node.module}"] if isinstance(node, ast.ImportFrom) else []
                if any(name == "rag.adding" or name.startswith("rag.adding.") for name in names):
                    users.add(file.relative_to(ROOT).parts[:2] + file.relative_to(ROOT).parts[2:3])
    assert {parts for parts in users if parts[:2] != ("rag", "adding")} == {("rag", "cli", "folder")}


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_new_files_are_as_others_of_the_user_and_old_ones_stay_as_they_are(
    host: Host, folder: Path, fetcher: Make
) -> None:
    host.answers |= {"/a.txt": reply(b"Auheim liegt am Main.", Content_Type="text/plain")}
    file = folder / only(add([host.url("/a.txt")], folder, fetcher=fetcher())).path
    other = folder / "other.txt"
    other.touch()
    beside = next(one for one in file.parent.iterdir() if one.name.startswith(file.name) and one != file)
    assert file.stat().st_mode == beside.stat().st_mode == other.stat().st_mode
    file.chmod(0o640)
    host.answers |= {"/a.txt": reply(b"Auheim liegt am Rhein.", Content_Type="text/plain")}
    assert only(add([host.url("/a.txt")], folder, fetcher=fetcher())).status == "updated"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
