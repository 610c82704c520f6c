"""Fixtures: a folder of articles, and the small models that most tests index it with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from index.storage.vectors import stores as vector_stores
from rag import RAG, Settings
from rag.inference import create_engine
from tests.rag.building import build
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.inference import Engine

# Examples have no deadline: one that takes long on a busy machine is not a failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the browser tests last, and deselect the tests that compare times unless they are asked for."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if "growth" in config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("growth")]
    items[:] = [item for item in items if not item.get_closest_marker("growth")]
    config.hook.pytest_deselected(items=left_out)


ARTICLES = {
    "cambricon.md": (
        "---\ntitle: Cambricon sammelt Geld\nsource: IT-Markt\ndate: 2025-05-08\n---\n\n# Cambricon sammelt Geld\n\n"
        "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen. "
        "Das Geld fließt in die Entwicklung von KI-Chips. Der Sitz liegt in Peking.\n"
    ),
    "huawei.md": (
        "---\ntitle: Huawei stellt Ascend vor\nsource: Heise\ndate: 2025-08-01\n---\n\n# Huawei stellt Ascend vor\n\n"
        "Huawei liefert den Beschleuniger Ascend 910C aus. "
        "Die Fertigung übernimmt SMIC in Schanghai. Im Mai waren es 800.000 Stück.\n"
    ),
    "nvidia.txt": (
        "Nvidia verkauft weniger\n\nNvidia darf den H20 nicht mehr nach China liefern. "
        "Der Umsatz sank im Quartal um 5,5 Milliarden Dollar.\n"
    ),
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def rag(corpus: Path, index_dir: Path) -> RAG:
    return build(corpus, index_dir)


@pytest.fixture(scope="session")
def language_model() -> Engine:
    """The real language model, loaded once for all tests in this process that use it."""
    from rag.inference.weights import resolve_llm

    settings = Settings()
    return create_engine(resolve_llm(settings.generation.model), settings)


@pytest.fixture(scope="session")
def articles(tmp_path_factory: pytest.TempPathFactory, language_model: Engine) -> RAG:
    """The articles of `corpus/` with the real models."""
    folder = Path(__file__).parents[1] / "corpus"
    opened = RAG(Settings(corpus=folder, index=tmp_path_factory.mktemp("articles")), engine=language_model)
    opened.sync()
    return opened


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the package `tests/plugins/one_article` importable, as if it were installed."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "plugins"))
    yield
    vector_stores.store.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "one_article"]:
        del sys.modules[name]
