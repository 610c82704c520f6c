"""
Vectors in Milvus: one collection per segment, with a random name that is recorded only at its place.

A collection is written once. Up to `exact.MOST_EXACT` vectors it is searched exactly; above that by a graph (HNSW,
Malkov and Yashunin 2018). Milvus returns the near ones with their vectors; the cosines are computed here, so
that they do not depend on what else was asked for.
"""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import IndexDamagedError, RagError
from index.storage.failures import MEND
from index.storage.vectors.exact import MOST_EXACT
from index.storage.vectors.milvus_server import WRITING_SECONDS, Address, server

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.storage.vectors.milvus_server import Server

MOST_HITS = 16_384
"""Most hits, or rows, that Milvus returns at once."""
MOST_NAMED = 10_000
"""Most ids in one filter: reading it takes Milvus some 17 µs per id."""
_BATCH_BYTES = 4_000_000  # of vectors in one request; Milvus accepts 64 MB
_FEW_ROWS = 1024  # with fewer rows, Milvus builds no index when they are flushed
_GRAPH = {"M": 16, "efConstruction": 200}
_LEAST_LOOKED_THROUGH = 128


@dataclass(frozen=True, slots=True)
class Place:
    """The content of the file in the index's folder: where the vectors are, and how many."""

    address: str
    collection: str
    size: int
    dimension: int

    @classmethod
    def read(cls, file: Path) -> Place:
        """Read a file that `MilvusStore.write` wrote."""
        return cls(**json.loads(file.read_text("utf-8")))


class MilvusStore:
    """
    See `index.storage.protocols.VectorStore`.

    Parameters
    ----------
    setting
        ``milvus://host:19530/database``; with the name ``milvus`` alone, the address in each place is used.

    """

    def __init__(self, setting: str) -> None:
        self._address = Address.read(setting) if "://" in setting else None

    def reach(self) -> None:
        """Raise a `RagError` if Milvus cannot be reached."""
        self._server().call(lambda client, seconds: client.list_collections(timeout=seconds))

    def write(
        self,
        place: Path,
        ids: Sequence[int],
        vectors: NDArray[np.float32],
        *,
        earlier: Path | None = None,  # noqa: ARG002 - Milvus copies no rows from one collection to another
    ) -> None:
        """Make a collection and fill it."""
        to = self._server()
        name = f"quellentreu_{uuid.uuid4().hex}"
        at = Place(to.address.setting, name, len(ids), vectors.shape[1] if len(ids) else 0)
        place.write_text(json.dumps(asdict(at)), "utf-8")  # first, so that what a killed run leaves can be found
        if not at.size:
            return
        to.call(lambda client, seconds: _create(client, at, seconds), seconds=WRITING_SECONDS)
        rows = max(1, _BATCH_BYTES // (4 * at.dimension))
        for first in range(0, at.size, rows):
            last = min(first + rows, at.size)
            part = [{"id": int(ids[row]), "vector": vectors[row]} for row in range(first, last)]
            to.call(partial(_insert, name, part), seconds=WRITING_SECONDS)
        if at.size >= _FEW_ROWS:
            to.call(lambda client, seconds: client.flush(name, timeout=seconds), seconds=WRITING_SECONDS)
        if (written := _count(to, name, strong=True)) != at.size:
            raise RagError(f"Milvus at {to.address.label} holds {written} of {at.size} vectors.", hint="Try again.")

    def open(self, place: Path) -> MilvusVectors:
        """Open a collection after checking that it is complete."""
        at = Place.read(place)
        held = self._server(at)
        if at.size:
            _look(held, at)
        return MilvusVectors(held, at)

    def remove(self, place: Path) -> None:
        """Drop the collection, in the configured Milvus or in the one that it was written to."""
        try:
            at = Place.read(place)
        except (OSError, ValueError, TypeError):
            return  # a run was killed before it made anything
        for one in dict.fromkeys((self._server(at), server(Address.read(at.address)))):
            if one.call(lambda client, seconds: client.has_collection(at.collection, timeout=seconds)):
                one.call(lambda client, seconds: client.drop_collection(at.collection, timeout=seconds))
                return

    def _server(self, at: Place | None = None) -> Server:
        if self._address is not None:
            return server(self._address)
        if at is None:
            raise RagError("RAG_STORE=milvus does not name a server.", hint="Write RAG_STORE=milvus://HOST:PORT.")
        return server(Address.read(at.address))


class MilvusVectors:
    """
    See `index.storage.protocols.Vectors`.

    Parameters
    ----------
    held
        The Milvus server.
    at
        Where the collection is.

    """

    def __init__(self, held: Server, at: Place) -> None:
        self._held = held
        self._at = at

    @property
    def size(self) -> int:
        """Number of vectors."""
        return self._at.size

    def search(
        self, query: NDArray[np.float32], k: int, *, among: Sequence[int] | NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` pairs of id and cosine, best first, equal ones by id; see `Vectors.search`."""
        if among is not None and len(among) == self.size:
            among = None
        most = min(k, self.size if among is None else len(among))
        if most == 0:
            return []
        if among is not None:
            found = self._among(query, most, np.asarray(among, np.int64))
        elif most <= MOST_HITS:
            found = self._near(query, most)
        else:
            found = self._all()
        pairs = [(id_, float(np.dot(vector, query))) for id_, vector in found.items()]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:most]

    def similarities(self, query: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """Return the cosines of the query and some of the vectors."""
        return [float(np.dot(row, query)) for row in self.rows(ids)]

    def rows(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return stored vectors, shape ``(len(ids), dimension)``."""
        wanted = [int(id_) for id_ in ids]
        found: dict[int, NDArray[np.float32]] = {}
        for first in range(0, len(wanted), MOST_NAMED):
            part = wanted[first : first + MOST_NAMED]
            got = self._ask("query", filter=_named(part), output_fields=["id", "vector"], limit=len(part))
            found |= {int(row["id"]): _vector(row["vector"]) for row in got}
        if missing := next((id_ for id_ in wanted if id_ not in found), None):
            raise KeyError(f"an id that has no vector: {missing}")
        return np.stack([found[id_] for id_ in wanted]) if wanted else np.zeros((0, self._at.dimension), np.float32)

    def _among(self, query: NDArray[np.float32], most: int, among: NDArray[np.int64]) -> dict[int, NDArray[np.float32]]:
        # Long lists are slow to read: if the filter leaves many ids, enough of the overall nearest pass it.
        asked = math.ceil(2 * most * self.size / len(among))
        if asked <= min(MOST_HITS, len(among)):
            near = np.array([hit["id"] for hit in self._hits(query, asked, output_fields=["id"])], np.int64)
            passing = near[np.isin(near, among)][:most].tolist()
            if len(passing) == most:
                return dict(zip(passing, self.rows(passing), strict=True))
        step = min(MOST_NAMED, MOST_HITS)
        found: dict[int, NDArray[np.float32]] = {}
        for first in range(0, len(among), step):
            part = among[first : first + step].tolist()
            found |= self._near(query, min(most, len(part)), filter=_named(part))
        return found

    def _near(self, query: NDArray[np.float32], most: int, **how: Any) -> dict[int, NDArray[np.float32]]:
        hits = self._hits(query, most, output_fields=["id", "vector"], **how)
        return {int(hit["id"]): _vector(hit["entity"]["vector"]) for hit in hits}

    def _hits(self, query: NDArray[np.float32], most: int, **how: Any) -> Any:
        looked_through = max(_LEAST_LOOKED_THROUGH, 2 * most)
        return self._ask(
            "search",
            data=[query.tolist()],
            anns_field="vector",
            limit=most,
            search_params={"metric_type": "IP", "params": {"ef": looked_through} if _is_graph(self.size) else {}},
            **how,
        )[0]

    def _all(self) -> dict[int, NDArray[np.float32]]:
        """Return all vectors; used if more are wanted than Milvus returns at once."""

        def read(client: Any, seconds: float) -> dict[int, NDArray[np.float32]]:
            pages = client.query_iterator(
                self._at.collection, batch_size=1000, output_fields=["id", "vector"], timeout=seconds
            )
            found: dict[int, NDArray[np.float32]] = {}
            while page := pages.next():
                found |= {int(row["id"]): _vector(row["vector"]) for row in page}
            pages.close()
            return found

        found: dict[int, NDArray[np.float32]] = self._held.call(read)
        return found

    def _ask(self, what: str, **how: Any) -> Any:
        # Opening made sure that the rows are visible; rows older than seconds are visible to all of Milvus' processes.
        level = {"consistency_level": "Bounded"}
        return self._held.call(
            lambda client, seconds: getattr(client, what)(self._at.collection, timeout=seconds, **level, **how)
        )


def _create(client: Any, at: Place, seconds: float) -> None:
    from pymilvus import DataType  # noqa: PLC0415

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=at.dimension)
    index = client.prepare_index_params()
    kind, params = ("HNSW", _GRAPH) if _is_graph(at.size) else ("FLAT", {})
    index.add_index("vector", index_type=kind, metric_type="IP", params=params)
    client.create_collection(at.collection, schema=schema, timeout=seconds)
    # The collection is still empty, so there is no building of an index to wait for.
    client.create_index(at.collection, index, timeout=seconds, sync=False)
    client.load_collection(at.collection, timeout=seconds)


def _insert(collection: str, rows: list[dict[str, Any]], client: Any, seconds: float) -> None:
    client.insert(collection, rows, timeout=seconds)


def _look(held: Server, at: Place) -> None:
    """Raise an error if a collection is missing or incomplete."""
    if not held.call(lambda client, seconds: client.has_collection(at.collection, timeout=seconds)):
        raise IndexDamagedError(f"Milvus at {held.address.label} no longer has the vectors.", hint=MEND)
    state = held.call(lambda client, seconds: client.get_load_state(at.collection, timeout=seconds))
    if state["state"].name != "Loaded":
        held.call(lambda client, seconds: client.load_collection(at.collection, timeout=seconds))
    # A strongly consistent count waits for Milvus' clock, so it is done only if something seems to be missing.
    if _count(held, at.collection) != at.size and (found := _count(held, at.collection, strong=True)) != at.size:
        where = f"Milvus at {held.address.label}"
        raise IndexDamagedError(f"{where} holds {found} of {at.size} vectors.", hint=MEND)


def _count(held: Server, collection: str, *, strong: bool = False) -> int:
    level = "Strong" if strong else "Bounded"

    def count(client: Any, seconds: float) -> int:
        rows = client.query(collection, filter="", output_fields=["count(*)"], consistency_level=level, timeout=seconds)
        return int(rows[0]["count(*)"])

    return int(held.call(count, seconds=WRITING_SECONDS if strong else None))


def _is_graph(size: int) -> bool:
    return size > MOST_EXACT


def _named(ids: Sequence[int]) -> str:
    return f"id in [{','.join(map(str, ids))}]"


def _vector(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32)
