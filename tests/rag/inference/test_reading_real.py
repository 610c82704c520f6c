"""The reader that comes with the package, with the word vectors of the installed embedding model."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ModelError
from rag.grounding.reader import judge
from rag.grounding.reader.factory import create_reader
from rag.inference.embedding.openvino import OpenVinoEmbedder
from rag.inference.reading.network import Network
from rag.inference.weights import resolve_embedding
from rag.types import EvidenceSentence

TEXTS = (
    "Die Werft in Emden baute das Schiff im Jahr 1987 für 12 Millionen Mark.",
    "Zur Taufe kamen rund 400 Gäste.",
    "Heute liegt es als Museum im Hafen von Husum.",
)


@pytest.fixture(scope="module")
def embedder() -> OpenVinoEmbedder:
    model = resolve_embedding("multilingual-e5-small")
    return OpenVinoEmbedder(Path(model.location), fingerprint=model.fingerprint)


def evidence(texts: tuple[str, ...] = TEXTS) -> list[EvidenceSentence]:
    return [
        EvidenceSentence("a.md", 100 * i, 100 * i + len(one), one, "Ein Schiff", 0.5) for i, one in enumerate(texts)
    ]


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "number", "words"),
    [
        ("Wann wurde das Schiff gebaut?", 0, "1987"),
        ("Wie viele Gäste kamen zur Taufe?", 1, "400"),
        ("Wo liegt das Schiff heute?", 2, "Husum"),
    ],
)
def test_the_reader_points_at_what_answers(embedder: OpenVinoEmbedder, question: str, number: int, words: str) -> None:
    reader = create_reader(embedder)
    assert reader is not None
    given = evidence()
    found = judge(question, given, reader.read(question, given))
    assert found is not None
    assert found.sentence == number
    assert words in given[number].text[found.start : found.end]
    without = [one for place, one in enumerate(given) if place != number]
    other = judge(question, without, reader.read(question, without))
    assert other is not None
    assert found.answers > other.answers


@pytest.mark.models
def test_what_is_read_with_others_is_read_alike(embedder: OpenVinoEmbedder) -> None:
    reader = create_reader(embedder)
    assert reader is not None
    alone = reader.read("Wo liegt es heute?", evidence())
    far = [*evidence(), *(EvidenceSentence("b.md", 0, 4, "Kurz", "", 0.5),)]
    together = reader.read("Wo liegt es heute?", far)
    assert [one.answers for one in together[:3]] == pytest.approx([one.answers for one in alone], abs=0.3)


@pytest.mark.models
def test_the_reader_knows_the_words_of_one_model_alone(embedder: OpenVinoEmbedder) -> None:
    assert create_reader(OpenVinoEmbedder(embedder.folder, fingerprint="another@1")) is None


def test_a_damaged_file_of_words_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"no tensors at all")
    with pytest.raises(ModelError, match="reader cannot be loaded"):
        Network(file).load()
