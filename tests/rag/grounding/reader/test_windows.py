from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.reader.windows import windows
from rag.types import EvidenceSentence

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=400)


def sentence(path: str, start: int, text: str) -> EvidenceSentence:
    return EvidenceSentence(path, start, start + len(text), text, path.upper(), 0.5)


@given(st.lists(st.tuples(st.sampled_from(["a.md", "b.md"]), texts), max_size=12))
def test_every_sentence_stands_once_where_its_window_says(rows: list[tuple[str, str]]) -> None:
    evidence = [sentence(path, 1000 * number, text) for number, (path, text) in enumerate(rows)]
    found = windows("Wer?", evidence)
    members = [member for window in found for member in window.members]
    assert [number for number, _, _ in members] == list(range(len(evidence)))
    for window in found:
        assert {evidence[number].path for number, _, _ in window.members} == {window.title.lower()}
        for number, start, end in window.members:
            assert window.second[start:end] == evidence[number].text


def test_a_window_holds_what_is_read_at_once() -> None:
    evidence = [sentence("a.md", 300 * number, "x" * 299) for number in range(5)]
    assert [len(window.members) for window in windows("Wer?", evidence)] == [2, 2, 1]
