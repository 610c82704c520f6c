"""
Compare our index with those of txtai and LlamaIndex, which use FAISS: build, question, sync of one change, memory.

    python -m bench.scale.peers --folder FOLDER --articles 7200 --source articles.jsonl --peers PYTHON

PYTHON is the interpreter of an environment with txtai, llama-index-core, llama-index-vector-stores-faiss, faiss-cpu and
numpy. The embedding model is the same cheap stand-in for all, so that everything else is measured. The peers are given
the passages as we cut them; ours begins with the files, makes a keyword index too, and embeds every sentence. The peers
are told which passages to remove and add when an article changes; ours finds that out. Each figure is taken in a
process of its own; beside the elapsed time stands processor time, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.scale.articles import DIMENSION, WordEmbedder, write
from bench.scale.steps import ROOT, Clock, asked, both, lengthen, resident, run

SYSTEMS = ("quellentreu", "txtai", "llamaindex")
STEPS = ("build", "changed", "asking")
K = 10


def main(folder: Path, count: int, source: Path, peers: str, systems: list[str]) -> None:
    """Print a table."""
    here = folder / str(count)
    if not (here / "corpus").exists():
        write(here / "corpus", count, source)
    if not (here / "passages.jsonl").exists():
        subprocess.run(_command(sys.executable, "cut", "quellentreu", here), check=True, cwd=ROOT)
    print("| | passages | build | peak | one article changed | question p50, p95 | resident, asked | on disk |")
    print("|---|---|---|---|---|---|---|---|")
    for system in systems:
        python = sys.executable if system == "quellentreu" else peers
        found = {step: _run(python, step, system, here) for step in STEPS}
        build, changed, asking = (found[step] for step in STEPS)
        print(
            f"| {system} | {asking['passages']} | {both(build, 1)} | {build['resident']:.2f} GB | {both(changed, 1)}"
            f" | {asking['p50']:.1f}, {asking['p95']:.1f} ms | {asking['resident']:.2f} GB"
            f" | {asking['disk'] / 1e6:.0f} MB |",
            flush=True,
        )


def _command(python: str, step: str, system: str, here: Path) -> list[str]:
    return [python, "-m", "bench.scale.peers", "--step", step, "--system", system, "--folder", str(here)]


def _run(python: str, step: str, system: str, here: Path) -> dict[str, Any]:
    kept = here / f"{system}-{step}.json"
    if not kept.exists():
        # txtai needs permission to look up the function that embeds.
        found = run(_command(python, step, system, here), ALLOW_RESOLVE_TRANSFORM="True", HF_HUB_OFFLINE="1")
        kept.write_text(json.dumps(found), encoding="utf-8")
    return dict(json.loads(kept.read_text(encoding="utf-8")))


def cut(here: Path) -> None:
    """Write the passages as our index cuts them."""
    from index.reading.documents import iter_files, load
    from index.segmenting.chunking import chunk

    with (here / "passages.jsonl").open("w", encoding="utf-8") as out:
        for file in iter_files(here / "corpus"):
            document = load(file, here / "corpus")
            for one in chunk(document):
                row = {"id": f"{document.path}#{one.start}", "path": document.path, "text": one.text}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


def passages(here: Path) -> list[dict[str, str]]:
    """Return what `cut` wrote."""
    with (here / "passages.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def embedded(texts: list[str]) -> Any:
    """Return vectors; txtai calls this function by its name, which it stores with its index."""
    return WordEmbedder().embed_passages(list(texts))


class Quellentreu:
    """This project."""

    def __init__(self, here: Path) -> None:
        self.here, self.kept, self.embedder = here, here / "quellentreu", WordEmbedder()

    def build(self) -> None:
        from index.syncing.sync import sync

        sync(self.here / "corpus", self.kept, self.embedder)

    def change(self) -> None:
        lengthen(self.here / "corpus")

    def sync(self) -> None:
        self.build()

    def open(self) -> None:
        from index.storage.reader import Index
        from rag.retrieval.hybrid import Scale

        self.index = Index.open(self.kept, embedding=self.embedder.fingerprint)
        self.scale = Scale(self.index.cosine_floor)

    def ask(self, question: str) -> None:
        from rag.retrieval.hybrid import retrieve

        retrieve(self.index, question, self.embedder.embed_query(question), k=K, scale=self.scale)

    def size(self) -> int:
        return len(self.index.chunks)


class Txtai:
    """txtai's Embeddings with content, which keep texts in SQLite and vectors in FAISS."""

    def __init__(self, here: Path) -> None:
        from txtai import Embeddings  # type: ignore[import-not-found]

        self.here, self.kept = here, here / "txtai"
        self.embeddings = Embeddings(
            method="external", transform="bench.scale.peers.embedded", backend="faiss", content=True
        )

    def build(self) -> None:
        self.embeddings.index((one["id"], one["text"], None) for one in passages(self.here))
        self.embeddings.save(str(self.kept))

    def change(self) -> None:
        rows = passages(self.here)
        self.rows = [one for one in rows if one["path"] == rows[0]["path"]]

    def sync(self) -> None:
        self.open()
        self.embeddings.delete([one["id"] for one in self.rows])
        self.embeddings.upsert([(one["id"], f"{one['text']} Ein Nachtrag.", None) for one in self.rows])
        self.embeddings.save(str(self.kept))

    def open(self) -> None:
        self.embeddings.load(str(self.kept))

    def ask(self, question: str) -> None:
        self.embeddings.search(question, K)

    def size(self) -> int:
        return int(self.embeddings.count())


class LlamaIndex:
    """VectorStoreIndex over `FaissMapVectorStore`, which can delete; all of it kept in files."""

    def __init__(self, here: Path) -> None:
        from llama_index.core.embeddings import BaseEmbedding  # type: ignore[import-not-found]

        inner = WordEmbedder()

        class Words(BaseEmbedding):  # type: ignore[misc]
            def _get_query_embedding(self, query: str) -> list[float]:
                return list(map(float, inner.embed_query(query)))

            def _get_text_embedding(self, text: str) -> list[float]:
                return list(map(float, inner.embed_query(text)))

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_query_embedding(query)

        self.here, self.kept, self.model = here, here / "llamaindex", Words()

    def _nodes(self, rows: list[dict[str, str]], added: str = "") -> list[Any]:
        from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode  # type: ignore[import-not-found]

        return [
            TextNode(
                id_=one["id"],
                text=one["text"] + added,
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=one["path"])},
            )
            for one in rows
        ]

    def build(self) -> None:
        import faiss  # type: ignore[import-untyped]
        from llama_index.core import StorageContext, VectorStoreIndex  # type: ignore[import-not-found]
        from llama_index.vector_stores.faiss import FaissMapVectorStore  # type: ignore[import-not-found]

        flat = faiss.IndexIDMap2(faiss.IndexFlatIP(DIMENSION))
        storage = StorageContext.from_defaults(vector_store=FaissMapVectorStore(faiss_index=flat))
        nodes = self._nodes(passages(self.here))
        index = VectorStoreIndex(nodes, storage_context=storage, embed_model=self.model)
        index.storage_context.persist(str(self.kept))

    def change(self) -> None:
        rows = passages(self.here)
        self.rows = [one for one in rows if one["path"] == rows[0]["path"]]

    def sync(self) -> None:
        self.open()
        self.index.delete_nodes([one["id"] for one in self.rows], delete_from_docstore=True)
        self.index.insert_nodes(self._nodes(self.rows, " Ein Nachtrag."))
        self.index.storage_context.persist(str(self.kept))

    def open(self) -> None:
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.vector_stores.faiss import FaissMapVectorStore

        store = FaissMapVectorStore.from_persist_dir(str(self.kept))
        storage = StorageContext.from_defaults(vector_store=store, persist_dir=str(self.kept))
        self.index = load_index_from_storage(storage, embed_model=self.model)
        self.retriever = self.index.as_retriever(similarity_top_k=K)

    def ask(self, question: str) -> None:
        self.retriever.retrieve(question)

    def size(self) -> int:
        return len(self.index.docstore.docs)


def step(name: str, system: str, here: Path) -> dict[str, Any]:
    """Do one step and return its figures."""
    made: Any = {"quellentreu": Quellentreu, "txtai": Txtai, "llamaindex": LlamaIndex}[system](here)
    WordEmbedder().embed_query("Aufwärmen")
    if name == "changed":
        made.change()
    clock = Clock()
    if name == "build":
        made.build()
    elif name == "changed":
        made.sync()
    else:
        made.open()
    found: dict[str, Any] = clock.read()
    if name == "asking":
        found |= asked(made.ask) | {"passages": made.size()}
        found["disk"] = sum(file.stat().st_size for file in made.kept.rglob("*") if file.is_file())
    return {**found, "resident": resident()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=7200)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--step", default="")
    parser.add_argument("--system", default="quellentreu")
    given = parser.parse_args()
    if given.step == "cut":
        cut(given.folder)
    elif given.step:
        print(json.dumps(step(given.step, given.system, given.folder)))
    else:
        main(given.folder, given.articles, given.source, given.peers, given.systems)
