"""Files of several owners: no owner can access another's, and no other account of the machine can access any."""

from __future__ import annotations

import gc
import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.collections.owners import SHARED, Owner
from index.collections.private_files import open_private
from index.errors import CorpusError
from rag.evaluation.feedback import FeedbackFile
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.client import RAG

ANNA, BERT = Owner.of("a" * 43), Owner.of("b" * 43)
SECRET = "Der Kuchenbasar des Vereins brachte 412 Euro ein."
OTHER = "Die Tombola des Vereins brachte 95 Euro ein."
QUESTION = "Wie viel brachte der Kuchenbasar des Vereins ein?"


def make(corpus: Path, index_dir: Path, **options: object) -> RAG:
    return build(corpus, index_dir, ScriptedEngine(SECRET, confirms=lambda page: "412" in page), **options)


@pytest.fixture
def rag(corpus: Path, index_dir: Path) -> RAG:
    return make(corpus, index_dir)


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return what others than the owner may access in a folder, with the permissions."""
    found = {str(folder): folder.stat().st_mode}
    found |= {str(file): file.stat().st_mode for file in folder.rglob("*")}
    return {name: mode & 0o777 for name, mode in found.items() if mode & 0o077}


def test_an_owner_has_his_own_list_search_answers_and_documents(rag: RAG) -> None:
    upload = rag.owned_uploads.get(ANNA).add("Protokoll.md", SECRET.encode())
    rag.owned_uploads.get(BERT).add("Protokoll.md", OTHER.encode())
    assert rag.document(upload.path, owner=ANNA).text == SECRET
    assert rag.document(upload.path, owner=BERT).text == OTHER
    for collection in ("uploads", "all"):
        where = {"collection": collection}
        assert SECRET in {hit.text.strip() for hit in rag.search(QUESTION, k=50, filter=where, owner=ANNA)}
        assert SECRET not in {hit.text.strip() for hit in rag.search(QUESTION, k=50, filter=where, owner=BERT)}
        assert rag.ask(QUESTION, filter=where, owner=ANNA).citations[0].quote == SECRET
        theirs = rag.ask(QUESTION, filter=where, owner=BERT)
        assert SECRET not in {cited.quote for cited in theirs.citations}
        assert SECRET not in {found.text for found in theirs.evidence}
    rag.owned_uploads.get(BERT).clear()
    assert [one.name for one in rag.owned_uploads.get(ANNA).list()] == ["Protokoll.md"]
    assert rag.owned_uploads.get(BERT).list() == rag.uploads.list() == []
    for owner in (BERT, SHARED):
        with pytest.raises(CorpusError):
            rag.document(upload.path, owner=owner)
        with pytest.raises(CorpusError):
            rag.ask(QUESTION, filter={"collection": "uploads"}, owner=owner)
    assert all(not one.path.startswith(".uploads") for one in (*rag.documents(), *rag.suggestions()))
    assert all(not point.path.startswith(".uploads") for point in rag.overview().points)


def test_no_answer_comes_from_what_was_remembered_for_another(rag: RAG) -> None:
    where = {"collection": "uploads"}
    for owner in (ANNA, BERT):
        rag.owned_uploads.get(owner).add("a.md", SECRET.encode())
    rag.ask(QUESTION, filter=where, owner=ANNA)
    rag.ask(QUESTION, filter=where, owner=ANNA)
    kept = rag._memory._kept
    assert len(kept) == 1
    rag.ask(QUESTION, filter=where, owner=BERT)
    assert len(kept) == 2
    rag.owned_uploads.get(BERT).clear()
    assert [key[0] for key in kept] == [ANNA]  # type: ignore[index]


def test_files_and_indexes_are_out_of_reach_whatever_the_umask(corpus: Path, index_dir: Path, no_umask: None) -> None:
    rag = make(corpus, index_dir)
    rag.uploads.add("alt.md", OTHER.encode())
    rag.owned_uploads.get(ANNA).add("a.md", SECRET.encode())
    rag.owned_uploads.get(ANNA).add("b.md", OTHER.encode())
    rag.owned_uploads.get(ANNA).remove("b.md")
    folder = rag.settings.uploads_folder
    assert modes(folder) == {}
    assert len(list(folder.rglob("store*.sqlite"))) == 2


def test_an_owners_file_alone_makes_no_folder_that_others_may_write(
    corpus: Path, index_dir: Path, no_umask: None
) -> None:
    rag = make(corpus, index_dir)
    rag.owned_uploads.get(ANNA).add("a.md", SECRET.encode())
    assert modes(rag.settings.uploads_folder) == {}


def test_what_is_left_of_a_file_whose_adding_was_killed_is_deleted(rag: RAG) -> None:
    rag.owned_uploads.get(ANNA).add("a.md", SECRET.encode())
    files = rag.settings.uploads_folder / "owners" / ANNA.digest / "files"
    for name, age in ((".upload-alt", 7200), (".upload-neu", 0)):
        (files / name).write_text(SECRET)
        os.utime(files / name, (time.time() - age, time.time() - age))
    again = make(rag.settings.corpus, rag.settings.index)
    assert [one.name for one in again.owned_uploads.get(ANNA).list()] == ["a.md"]
    assert sorted(one.name for one in files.iterdir()) == [".upload-neu", "a.md"]


def test_what_an_earlier_version_left_open_is_tightened_when_opened(corpus: Path, index_dir: Path) -> None:
    folder = make(corpus, index_dir).settings.uploads_folder
    make(corpus, index_dir).uploads.add("alt.md", SECRET.encode())
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert modes(folder) != {}
    rag = make(corpus, index_dir)
    assert modes(folder) == {}
    assert [one.name for one in rag.uploads.list()] == ["alt.md"]


def test_a_folder_that_holds_other_things_keeps_its_rights(corpus: Path, index_dir: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(0o755)
    home.chmod(0o755)
    (home / "brief.txt").write_text("x")
    (home / "brief.txt").chmod(0o644)
    rag = make(corpus, index_dir, uploads=home)
    rag.uploads.add("a.md", SECRET.encode())
    rag.owned_uploads.get(ANNA).add("a.md", SECRET.encode())
    assert home.stat().st_mode & 0o777 == 0o755
    assert modes(home) == {str(home): 0o755, str(home / "brief.txt"): 0o644}
    assert modes(home / "files") == modes(home / "index") == modes(home / "owners") == {}


def test_what_was_removed_is_nowhere_on_the_disk(rag: RAG) -> None:
    own = rag.owned_uploads.get(ANNA)
    own.add("a.md", SECRET.encode())
    own.add("b.md", OTHER.encode())
    own.remove("a.md")
    folder = rag.settings.uploads_folder
    held = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert not any(b"kuchenbas" in data.lower() for data in held)
    assert any(b"tombola" in data.lower() for data in held)
    own.clear()
    assert list((folder / "owners").iterdir()) == []


def test_owners_are_bounded_and_none_makes_room_for_another(corpus: Path, index_dir: Path) -> None:
    rag = make(corpus, index_dir, upload_owners=1)
    rag.owned_uploads.get(ANNA).add("a.md", SECRET.encode())
    with pytest.raises(CorpusError, match="RAG_UPLOAD_OWNERS") as caught:
        rag.owned_uploads.get(BERT).add("b.md", OTHER.encode())
    assert caught.value.kind == "crowded"
    assert rag.owned_uploads.get(BERT).list() == []
    assert rag.owned_uploads.owners() == [ANNA]
    rag.owned_uploads.get(ANNA).add("c.md", OTHER.encode())
    rag.uploads.add("d.md", OTHER.encode())  # whoever runs the program has separate limits
    rag.owned_uploads.get(ANNA).clear()
    rag.owned_uploads.get(BERT).add("b.md", OTHER.encode())
    assert rag.owned_uploads.owners() == [BERT]


def test_bytes_of_all_owners_are_bounded(corpus: Path, index_dir: Path) -> None:
    rag = make(corpus, index_dir, upload_owners_megabytes=1)
    rag.owned_uploads.get(ANNA).add("a.txt", SECRET.encode() + b" " * 900_000)
    with pytest.raises(CorpusError) as caught:
        rag.owned_uploads.get(BERT).add("b.txt", OTHER.encode() + b" " * 200_000)
    assert caught.value.kind == "crowded"
    rag.owned_uploads.get(BERT).add("b.txt", OTHER.encode())


@pytest.mark.parametrize(("days", "left"), [(0, [ANNA]), (30, [])], ids=["no-limit", "a-limit"])
def test_files_nobody_used_are_removed_only_where_a_limit_says_so(
    corpus: Path, index_dir: Path, days: int, left: list[Owner]
) -> None:
    rag = make(corpus, index_dir, upload_days=days)
    rag.owned_uploads.get(ANNA).add("a.md", SECRET.encode())
    rag.owned_uploads.get(BERT).add("b.md", OTHER.encode())
    rag.owned_uploads._open.clear()
    gc.collect()
    folder = rag.settings.uploads_folder / "owners" / ANNA.digest
    old = time.time() - 31 * 86_400
    os.utime(folder, (old, old))
    assert rag.owned_uploads.expire() == (1 if days else 0)
    assert {one.digest for one in rag.owned_uploads.owners()} == {one.digest for one in (*left, BERT)}


def test_who_comes_back_has_used_his_files(corpus: Path, index_dir: Path) -> None:
    rag = make(corpus, index_dir, upload_days=30)
    rag.owned_uploads.get(ANNA).add("a.md", SECRET.encode())
    folder = rag.settings.uploads_folder / "owners" / ANNA.digest
    os.utime(folder, (0, 0))
    again = make(corpus, index_dir, upload_days=30)
    assert [one.name for one in again.owned_uploads.get(ANNA).list()] == ["a.md"]
    assert again.owned_uploads.expire() == 0


def test_more_owners_than_stay_open_lose_nothing(rag: RAG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.runtime.owned_collections._MOST_OPEN", 2)
    owners = [Owner.of(str(number)) for number in range(5)]
    for number, owner in enumerate(owners):
        rag.owned_uploads.get(owner).add("a.md", f"Satz Nummer {number} steht hier.".encode())
    gc.collect()
    assert len(rag.owned_uploads._alive) <= 3  # the facade holds SHARED as well
    for number, owner in enumerate(owners):
        assert f"Nummer {number}" in rag.document(".uploads/a.md", owner=owner).text


_STEPS = st.lists(
    st.tuples(
        st.sampled_from((SHARED, ANNA, BERT)), st.sampled_from(("add", "remove", "clear")), st.sampled_from("ab")
    ),
    min_size=3,
    max_size=9,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_whatever_owners_do_each_has_what_he_added_and_no_more(
    corpus: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Owner, str, str]]
) -> None:
    rag = make(corpus, tmp_path_factory.mktemp("owners") / "index")
    texts: dict[Owner, dict[str, str]] = {SHARED: {}, ANNA: {}, BERT: {}}
    for number, (owner, step, letter) in enumerate(steps):
        name, had, own = f"{letter}.md", texts[owner], rag.owned_uploads.get(owner)
        if step == "clear":
            assert own.clear() == len(had)
            had.clear()
        elif step == "add" and name not in had:
            had[name] = f"Satz Nummer {number} steht hier."
            own.add(name, had[name].encode())
        elif step == "remove" and name in had:
            own.remove(name)
            del had[name]
        elif step == "remove":
            with pytest.raises(CorpusError):
                own.remove(name)
        for one, its in texts.items():
            assert {upload.name for upload in rag.owned_uploads.get(one).list()} == its.keys()
            assert {key: rag.document(f".uploads/{key}", owner=one).text for key in its} == its
    assert set(rag.owned_uploads.owners()) == {one for one in (ANNA, BERT) if texts[one]}


@given(st.text(max_size=80))
def test_nothing_but_a_digest_names_an_owners_folder(text: str) -> None:
    digest = Owner.of(text).digest
    assert len(digest) == 64
    if text and text != digest:
        with pytest.raises(ValueError, match="64"):
            Owner(text if len(text) != 64 else text[:-1])


def test_feedback_is_out_of_reach_whatever_the_umask(tmp_path: Path, no_umask: None) -> None:
    file = tmp_path / "feedback.jsonl"
    file.write_bytes(b'{"id": "alt", "question": "Was?"}\n')
    file.chmod(0o644)
    kept = FeedbackFile(file, most_bytes=10_000)
    assert file.stat().st_mode & 0o777 == 0o600
    kept.add({"id": "neu", "question": "Wer?"})
    kept.add({"id": "alt", "question": "Wo?"})  # replaces a line, so the file is rewritten
    assert len(file.read_bytes().splitlines()) == 2
    written = {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()}
    assert set(written.values()) == {0o600}
    file.unlink()
    kept.add({"id": "neu", "question": "Wer?"})
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_private_file_is_closed_to_others_from_its_first_moment(tmp_path: Path, no_umask: None) -> None:
    descriptor = open_private(tmp_path / "a")
    assert os.fstat(descriptor).st_mode & 0o777 == 0o600
    os.close(descriptor)
