"""The reader's network: twelve layers of the embedding model and three heads over one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, LAYERS, HEADS, INNER = 384, 12, 12, 1536
JOINED_FROM = 6  # the layer before which each token is told its text and whether the other text has it too
_EPS = 1e-12
_OUTSIDE = -1e4


class Seen(NamedTuple):
    """
    What the heads say about a batch.

    Attributes
    ----------
    answers
        Log odds that the passage answers, one per pair.
    ends
        Scores of each token as an answer's first and as its last, (pairs, tokens, 2).
    inside
        Log odds that each token belongs to an answer, (pairs, tokens).
    carries
        Log odds that the passage carries the sentence, one per pair.

    """

    answers: Tensor
    ends: Tensor
    inside: Tensor
    carries: Tensor


class Layer(nn.Module):
    """One BERT layer, as in the embedding model; without dropout, since hardly any example is seen twice."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=_EPS)
        self.widen = nn.Linear(WIDTH, INNER)
        self.narrow = nn.Linear(INNER, WIDTH)
        self.last_norm = nn.LayerNorm(WIDTH, eps=_EPS)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the states after attention and the inner layer; `mask` is true where a token may be seen."""
        pairs, length, _ = states.shape
        query, key, value = (
            made(states).view(pairs, length, HEADS, WIDTH // HEADS).transpose(1, 2)
            for made in (self.query, self.key, self.value)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(pairs, length, WIDTH)
        states = self.norm(states + self.output(mixed))
        inner = self.narrow(functional.gelu(self.widen(states)))
        result: Tensor = self.last_norm(states + inner)
        return result


class Reader(nn.Module):
    """
    A cross-encoder of two texts.

    The word matrix is the embedding model's and is not trained. Before the seventh layer each token is told which
    text it is from and whether the other text has it too, so that a changed number is noticed at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.words: Tensor
        self.positions: Tensor
        self.register_buffer("words", torch.zeros(0, WIDTH), persistent=False)
        self.register_buffer("positions", torch.zeros(0, WIDTH), persistent=False)
        self.first_norm = nn.LayerNorm(WIDTH, eps=_EPS)
        self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
        self.second = nn.Embedding(2, WIDTH)
        self.shared = nn.Embedding(3, WIDTH)
        self.answers = nn.Sequential(nn.Linear(2 * WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))
        self.carries = nn.Sequential(nn.Linear(3 * WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 1))
        self.tokens = nn.Linear(WIDTH, 3)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.shared.weight)

    def forward(self, ids: Tensor, second: Tensor, shared: Tensor, body: Tensor, frozen: int = 0) -> Seen:
        """
        Read a batch.

        Parameters
        ----------
        ids, second, shared
            As in `rag.inference.reading.encoding.Encoded`, (pairs, tokens), padded with 1, 0 and 0.
        body
            True where an answer may stand.
        frozen
            Number of lowest layers that need no gradient; at most six.

        Returns
        -------
        Seen
            In 32 bits.

        """
        with torch.no_grad():
            vectors = self.words[ids].float() + self.positions[: ids.shape[1]]
        return self.read_states(vectors, ids != 1, second, shared, body, frozen)

    def read_states(
        self, vectors: Tensor, there: Tensor, second: Tensor, shared: Tensor, body: Tensor, frozen: int = 0
    ) -> Seen:
        """
        Read a batch given as word vectors with their positions added, (pairs, tokens, width).

        `there` is true where a token is not padding; the rest is as for `forward`.
        """
        mask = there[:, None, None, :]
        with torch.no_grad():
            states = self.first_norm(vectors)
            for layer in self.layers[:frozen]:
                states = layer(states, mask)
        for number, layer in enumerate(self.layers[frozen:], start=frozen):
            if number == JOINED_FROM:
                states = states + self.second(second) + self.shared(shared)
            states = layer(states, mask)
        states = states.float()
        return self._heads(states, second, body, there)

    def _heads(self, states: Tensor, second: Tensor, body: Tensor, there: Tensor) -> Seen:
        with torch.autocast(states.device.type, enabled=False):
            first = (there & (second == 0)).float()
            passage = body.float()
            question = (states * first[..., None]).sum(1) / first.sum(1, keepdim=True).clamp(min=1)
            rest = (states * passage[..., None]).sum(1) / passage.sum(1, keepdim=True).clamp(min=1)
            scores = self.tokens(states)
            ends = scores[..., :2].masked_fill(~body[..., None], _OUTSIDE)
            inside = scores[..., 2].masked_fill(~body, _OUTSIDE)
            summary = states[:, 0]
            # An answer is likelier if something can be pointed at, so the scores of the ends are added.
            pointed = ends.logsumexp(1).mean(-1) - 3.5
            answers = pointed + self.answers(torch.cat([summary, question], -1))[:, 0]
            carries = self.carries(torch.cat([summary, question, rest], -1))[:, 0]
        return Seen(answers, ends, inside, carries)


def load_embedding(reader: Reader, folder: Path) -> None:
    """
    Give a reader the weights of the embedding model.

    Parameters
    ----------
    reader
        Changed in place.
    folder
        Holds ``model.safetensors`` of multilingual-e5-small.

    Raises
    ------
    KeyError
        If the file holds another architecture.

    """
    weights = {name.removeprefix("bert."): tensor for name, tensor in load_file(folder / "model.safetensors").items()}
    kind = weights["embeddings.token_type_embeddings.weight"][0].float()
    reader.words = weights["embeddings.word_embeddings.weight"].half()
    reader.positions = weights["embeddings.position_embeddings.weight"].float() + kind
    named = {"first_norm": "embeddings.LayerNorm"}
    for number in range(LAYERS):
        own, theirs = f"layers.{number}.", f"encoder.layer.{number}."
        named |= {
            own + "query": theirs + "attention.self.query",
            own + "key": theirs + "attention.self.key",
            own + "value": theirs + "attention.self.value",
            own + "output": theirs + "attention.output.dense",
            own + "norm": theirs + "attention.output.LayerNorm",
            own + "widen": theirs + "intermediate.dense",
            own + "narrow": theirs + "output.dense",
            own + "last_norm": theirs + "output.LayerNorm",
        }
    state = {
        f"{own}.{part}": weights[f"{theirs}.{part}"].float()
        for own, theirs in named.items()
        for part in ("weight", "bias")
    }
    reader.load_state_dict(state, strict=False)
