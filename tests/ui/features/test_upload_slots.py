"""Places for uploads: an upload that sends nothing loses its place, and a page that is too old is told so."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import CorpusError
from tests.ui.features.test_own_files import SlowCollection
from ui import limits
from ui.features import inbox
from ui.features.inbox import Inbox
from ui.render.failures import explain
from ui.render.texts import DE, EN

if TYPE_CHECKING:
    from ui.render.texts import Texts


def new_inbox() -> Inbox:
    collection: Any = SlowCollection()
    return Inbox(lambda _: collection)


def piece(size: int) -> str:
    return base64.b64encode(b"x" * size).decode()


def test_an_empty_part_keeps_no_place() -> None:
    box = new_inbox()
    tokens = [box.begin("a.md", 10) for _ in range(limits.UPLOADS_AT_ONCE)]
    for token in tokens:
        with pytest.raises(CorpusError, match="did not arrive whole"):
            box.part(token, "")
    for _ in tokens:
        box.begin("b.md", 10)


def test_a_file_has_a_time_to_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    box = new_inbox()
    token = box.begin("a.md", 10)
    box.part(token, piece(1))
    monkeypatch.setattr(inbox, "_FINISH_SECONDS", -1.0)
    box.begin("b.md", 10)
    with pytest.raises(CorpusError, match="did not arrive whole"):
        box.part(token, piece(1))


def test_a_slow_file_gives_its_place_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    box = new_inbox()
    tokens = [box.begin("a.md", 10) for _ in range(limits.UPLOADS_AT_ONCE)]
    box.part(tokens[0], piece(5))
    with pytest.raises(CorpusError, match="too many"):  # at first each upload keeps its place
        box.begin("b.md", 10)
    monkeypatch.setattr(inbox, "_PATIENCE_SECONDS", 0.0)
    box.begin("b.md", 10)
    box.part(tokens[0], piece(2))  # this upload was not the slowest
    # An upload that is fast enough keeps its place, however many others want one.
    monkeypatch.setattr(limits, "SLOWEST_BYTES_PER_SECOND", 0)
    with pytest.raises(CorpusError, match="too many"):
        box.begin("c.md", 10)


@pytest.mark.parametrize("texts", [DE, EN], ids=["de", "en"])
def test_a_page_from_before_a_restart_is_told_so(texts: Texts) -> None:
    failure = explain(CorpusError("The page is older than the program.", kind="stale"), texts, shared=True)
    assert failure.state == texts.refused_stale
    assert texts.corpus_remedy not in f"{failure.state} {failure.remedy}"
    plain = explain(CorpusError("There is no folder."), texts, shared=True)
    assert (plain.state, plain.remedy) == (texts.corpus_error, texts.corpus_remedy)
