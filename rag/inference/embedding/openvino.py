"""Turn texts into unit vectors with an encoder in OpenVINO's format, without PyTorch and three times as fast."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.progress import EMBEDDING, tell
from rag.inference.devices import openvino_device
from rag.inference.interpreter import TURN
from rag.inference.ir_files import IR_FILE, IR_WEIGHTS
from rag.inference.mapped_file import MappedFile
from rag.inference.reading.encoding import Tokens
from rag.inference.yielding_lock import YieldingLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from rag.inference.devices import Device

    Vectors = NDArray[np.float32]

# Tokens in a batch, padding included. Larger ones do not fit into the processor's cache: on two cores, passages of
# 230 tokens ran at 26 per second in batches of four, at 21 in batches of sixteen.
BATCH_TOKENS = 1024
# Activations are rounded to 8 bit if the weights are 8 bit as well, with one scale for each group of this many of a
# token's activations: a sixth to two fifths more passages per second than with 8-bit weights alone. The group is the
# encoder's width: one scale for each token, four in the wide layer.
ACTIVATIONS = 384
# From this many texts in one call it is worth giving memory back.
_MANY = 32


class OpenVinoEmbedder:
    """
    An encoder with mean pooling, loaded at first use.

    Matrices are multiplied in 8 bit if the file stores them so and the processor can; the rest is computed in
    bfloat16 if the processor has it, else in float32. A lock makes this the single embedding worker of the process:
    tokenizer and request must not be shared between threads.

    Parameters
    ----------
    folder
        A sentence-transformers folder that also holds the encoder as `IR_FILE`.
    fingerprint
        Identifies the weights.
    threads
        Processor threads, 0 takes all cores.
    device
        See `rag.inference.devices`.

    """

    def __init__(self, folder: Path, *, fingerprint: str, threads: int = 0, device: Device = "auto") -> None:
        self._folder = folder
        self._fingerprint = fingerprint
        self._threads = threads
        self._device = device
        self._lock = YieldingLock()
        self._request: Any = None
        self._file: MappedFile | None = None
        self._tokenizer: Any = None
        self._prompts: dict[str, str] = {}
        self._width = 0

    @property
    def fingerprint(self) -> str:
        """Identifies the weights."""
        return self._fingerprint

    @property
    def folder(self) -> Path:
        """Folder of the weights."""
        return self._folder

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """
        Embed texts as passages.

        Parameters
        ----------
        texts
            Passages; what exceeds the model's token limit is cut off.

        Returns
        -------
        Unit vectors, shape ``(len(texts), dimension)``, float32.

        """
        with self._lock:
            self._loaded()
            prompt = self._prompts.get("document", "")
            tokens = [encoding.ids for encoding in self._tokenizer.encode_batch([prompt + text for text in texts])]
        rows: list[Vectors | None] = [None] * len(texts)
        done = 0
        for batch in _batches(tokens):
            # The lock is held for one batch only, so that a question does not wait until a whole corpus is embedded.
            with self._lock:
                vectors = _embed(self._request, [tokens[row] for row in batch])
            for row, vector in zip(batch, vectors, strict=True):
                rows[row] = vector
            done += len(batch)
            tell(EMBEDDING, done, len(texts))
            self._lock.give_way()
        if self._file and len(texts) >= _MANY:
            self._file.release()  # word vectors are read from the mapped file; rare ones need not stay in memory
        if not rows:
            return np.empty((0, self._width), dtype=np.float32)
        return np.stack([row for row in rows if row is not None])

    def embed_query(self, text: str) -> Vectors:
        """Return the unit vector of a question, shape ``(dimension,)``, float32."""
        with self._lock:
            request = self._loaded()
            vector: Vectors = _embed(request, [self._tokenizer.encode(self._prompts.get("query", "") + text).ids])[0]
        return vector

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Return texts as the model's tokens, cut at its limit; others use this tokenizer too, because it is large."""
        with self._lock:
            self._loaded()
            return [Tokens(one.ids, one.offsets) for one in self._tokenizer.encode_batch(list(texts))]

    def _loaded(self) -> Any:
        if self._request is None:
            import openvino  # noqa: PLC0415 - a heavy runtime

            try:
                longest = json.loads((self._folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
                configured = json.loads(
                    (self._folder / "config_sentence_transformers.json").read_text(encoding="utf-8")
                )
                options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
                core = openvino.Core()
                device = openvino_device(core, self._device)
                mapped = MappedFile(self._folder / IR_WEIGHTS) if device == "CPU" else None
                if device == "CPU":
                    options["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = ACTIVATIONS
                if self._threads and device == "CPU":
                    options["INFERENCE_NUM_THREADS"] = self._threads
                with ThreadPoolExecutor(1, "load-encoder") as pool:
                    compiling = pool.submit(core.compile_model, str(self._folder / IR_FILE), device, options)
                    with TURN:
                        from tokenizers import Tokenizer  # noqa: PLC0415

                        self._tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                    compiled = compiling.result()
            except (OSError, ValueError, RuntimeError) as error:
                reason = str(error).strip().split("\n")[-1]
                raise ModelError(
                    f"The embedding model at {self._folder} cannot be loaded: {reason}.",
                    hint="Mend it with `rag models --fetch --force`, or name another in RAG_EMBEDDING_MODEL.",
                ) from error
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(int(longest["max_seq_length"]))
            self._prompts = dict(configured["prompts"])
            self._width = int(compiled.output(0).get_partial_shape()[2].get_length())
            self._file = mapped
            self._request = compiled.create_infer_request()
        return self._request


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield batches of row numbers of texts of similar length, so that there is little padding."""
    batch: list[int] = []
    for row in sorted(range(len(tokens)), key=lambda i: (len(tokens[i]), i)):
        if batch and (len(batch) + 1) * len(tokens[row]) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _embed(request: Any, tokens: Sequence[Sequence[int]]) -> Vectors:
    width = max(len(ids) for ids in tokens)
    ids = np.ones((len(tokens), width), dtype=np.int64)
    mask = np.zeros((len(tokens), width), dtype=np.int64)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = one
        mask[row, : len(one)] = 1
    hidden = request.infer({0: ids, 1: mask})[0]
    weights = mask[:, :, None].astype(np.float32)
    vectors = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    normalised: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return normalised
