from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Metaspace
from tokenizers.processors import TemplateProcessing

from rag.inference.reading.encoding import MAX_TOKENS, Encoder
from training.batches import buckets, collate, losses, read
from training.checkpoints import Progress, resume, save
from training.drawing.examples import Example, Pair
from training.figures import _pieces, area, best_span, read_pairs
from training.model import Reader, Seen

if TYPE_CHECKING:
    from pathlib import Path

    from rag.inference.reading.encoding import Encoded

WORDS = "query: passage: Wo liegt Köln ? am Rhein . Bonn auch Die Stadt hat 1912 1950 Tore und viel mehr".split()


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    vocabulary |= {f"▁{word}": number for number, word in enumerate(WORDS, start=4)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Metaspace()
    tokenizer.post_processor = TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    return Encoder.of(path)


@pytest.fixture(scope="module")
def reader() -> Reader:
    torch.manual_seed(0)
    made = Reader()
    made.layers = made.layers[:7]  # enough layers to combine the two texts
    made.words = torch.randn(len(WORDS) + 4, 384).half()
    made.positions = torch.randn(MAX_TOKENS, 384) / 10
    return made.eval()


def one(encoder: Encoder, first: str, second: str, title: str = "") -> Encoded:
    return encoder.encode([Pair(first, title, second, label=True)])[0]


@pytest.mark.parametrize("title", ["", "Die Stadt"])
def test_tokens_lead_back_to_the_passage(encoder: Encoder, title: str) -> None:
    text = "Köln liegt am Rhein . Bonn auch"
    encoded = one(encoder, "Wo liegt Köln ?", text, title)
    assert [text[a:b].strip() for a, b in encoded.offsets] == text.split()
    assert encoded.body[1] - encoded.body[0] == 7
    start = text.index("am")
    assert encoded.place(start, start + len("am Rhein")) == (encoded.body[0] + 2, encoded.body[0] + 3)


def test_what_both_texts_have_is_marked(encoder: Encoder) -> None:
    encoded = one(encoder, "Köln liegt 1912", "Köln liegt am Rhein 1950 1912")
    body = encoded.shared[slice(*encoded.body)].tolist()
    assert body == [2, 2, 0, 0, 0, 1]
    assert encoded.shared[: encoded.body[0]].tolist() == [0, 0, 2, 2, 1, 0, 0, 0]


def test_long_texts_are_cut_and_an_answer_beyond_is_none(encoder: Encoder) -> None:
    text = "Die Stadt hat viel mehr " * 80 + "Tore"
    encoded = one(encoder, "Wo liegt Köln ? " * 40, text)
    assert len(encoded.ids) == len(encoded.second) == len(encoded.shared) == MAX_TOKENS
    assert encoded.ids[-1] == 2
    assert encoded.place(len(text) - 4, len(text)) is None
    assert len(encoded.offsets) == encoded.body[1] - encoded.body[0]


def test_a_bucket_keeps_examples_whole_and_within_bounds(encoder: Encoder) -> None:
    examples = []
    for size in range(1, 40):
        pair = Pair("Wo liegt Köln ?", "", "Die Stadt " * size, label=True)
        examples.append(Example("carry", (pair, pair)))
    made = buckets(examples, encoder, tokens=512)
    assert sorted(len(e.pairs[0].second) for b in made for e in b.examples) == sorted(
        len(e.pairs[0].second) for e in examples
    )
    for bucket in made:
        assert sum(len(e.pairs) for e in bucket.examples) == len(bucket.encoded)
        longest = max(len(pair.ids) for pair in bucket.encoded)
        assert longest * len(bucket.encoded) <= 512 or len(bucket.examples) == 1


def test_padding_changes_nothing(encoder: Encoder, reader: Reader) -> None:
    short, long = one(encoder, "Wo ?", "Köln liegt am Rhein"), one(encoder, "Wo ?", "Die Stadt hat viel mehr " * 6)
    with torch.no_grad():
        alone, padded = reader(*collate([short])), reader(*collate([short, long]))
    assert torch.allclose(alone.answers[0], padded.answers[0], atol=1e-4)
    assert torch.allclose(alone.carries[0], padded.carries[0], atol=1e-4)
    assert torch.allclose(alone.ends[0], padded.ends[0, : len(short.ids)], atol=1e-4)


def test_reading_keeps_the_order(encoder: Encoder, reader: Reader) -> None:
    pairs = [one(encoder, "Wo ?", "Köln liegt " * count) for count in (1, 30, 2, 12, 5)]
    with torch.no_grad():
        together = read(reader, pairs, tokens=100)
    for pair, seen in zip(pairs, together, strict=True):
        assert int((seen.inside > -9e3).sum()) == pair.body[1] - pair.body[0]


def test_long_passages_are_read_in_pieces(encoder: Encoder, reader: Reader) -> None:
    sentences = [f"Die Stadt hat viel mehr {'Tore ' * (i % 5)}." for i in range(60)]
    text = " ".join(sentences) + " Köln liegt am Rhein ."
    pair = Pair("Wo liegt Köln ?", "", text, label=True)
    pieces = _pieces(encoder, pair)
    assert len(pieces) > 2
    assert all(len(encoder.encode([piece])[0].ids) < MAX_TOKENS for piece in pieces)
    assert text.startswith(pieces[0].second)
    assert text.endswith(pieces[-1].second)
    assert all(sentence in "|".join(piece.second for piece in pieces) for sentence in sentences)
    found = read_pairs(reader, encoder, [pair, *pieces, replace(pair, second="Köln liegt am Rhein .")])
    assert len(found) == len(pieces) + 2
    assert found[0].answers == pytest.approx(max(one.answers for one in found[1:-1]), abs=0.05)
    assert found[0].answer in text


def test_an_answer_is_pointed_at_by_its_first_and_last_token(encoder: Encoder) -> None:
    text = "Köln liegt am Rhein . Bonn auch"
    encoded = one(encoder, "Wo liegt Köln ?", text)
    length = len(encoded.ids)
    ends = torch.zeros(length, 2)
    ends[encoded.body[0] + 2, 0] = 5.0
    ends[encoded.body[0] + 3, 1] = 5.0
    ends[0] = 99.0  # outside the passage
    ends[encoded.body[0] + 1, 1] = 6.0  # before the first token of the answer: not a span
    seen = Seen(torch.tensor(0.0), ends, torch.zeros(length), torch.tensor(0.0))
    start, end = best_span(encoded, seen)
    assert text[start:end].strip() == "am Rhein"


def test_a_step_brings_the_losses_down(encoder: Encoder) -> None:
    torch.manual_seed(1)
    learner = Reader()
    learner.layers = learner.layers[:7]
    learner.words = torch.randn(len(WORDS) + 4, 384).half()
    learner.positions = torch.zeros(MAX_TOKENS, 384)
    text = "Köln liegt am Rhein ."
    yes = Pair("Wo liegt Köln ?", "", text, label=True, spans=((11, 19), (11, 19)))
    no = Pair("Wo liegt Köln ?", "", "Die Stadt hat Tore .", label=False)
    examples = [Example("question", (yes, no)), Example("carry", (yes, no)), Example("group", (no, no))]
    encoded = encoder.encode([pair for example in examples for pair in example.pairs])
    heads = [p for name, p in learner.named_parameters() if not name.startswith("layers")]
    optimizer = torch.optim.AdamW(heads, lr=1e-3)
    totals = []
    for _ in range(8):
        found = losses(
            examples,
            encoded,
            [
                Seen(*(part[row] for part in seen))
                for seen in [learner(*collate(encoded), frozen=6)]
                for row in range(6)
            ],
        )
        optimizer.zero_grad()
        found.total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        totals.append(float(found.total.detach()))
    assert totals[-1] < 0.85 * totals[0]
    assert learner.layers[0].query.weight.grad is None
    assert learner.layers[6].query.weight.grad is not None


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    reader = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(reader.parameters())
    reader(torch.ones(3)).sum().backward()
    optimizer.step()
    path = tmp_path / "deep" / "last.pt"
    save(path, reader, optimizer, Progress(7, 168, 12.5))  # type: ignore[arg-type]
    other = torch.nn.Linear(3, 2)
    again = torch.optim.AdamW(other.parameters())
    assert resume(path, other, again) == Progress(7, 168, 12.5)  # type: ignore[arg-type]
    assert torch.equal(other.weight, reader.weight)
    assert again.state_dict()["state"][0]["step"] == 1
    assert [file.name for file in path.parent.iterdir()] == ["last.pt"]
    assert resume(tmp_path / "none.pt", other, again) == Progress()  # type: ignore[arg-type]


def test_the_area_counts_pairs_in_order() -> None:
    assert area([2.0, 3.0], [1.0]) == 1.0
    assert area([1.0], [1.0]) == 0.5
    assert area([0.0, 2.0], [1.0]) == 0.5
    assert np.isnan(area([], [1.0]))
