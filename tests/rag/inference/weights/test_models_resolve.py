"""How names of models are resolved."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import constants

from index.errors import ModelError
from rag.inference.weights import CATALOGUE, DEFAULT_EMBEDDING, DEFAULT_LLM, resolve_embedding, resolve_llm

ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, content: bytes = b"{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("files", "engine", "location"),
    [
        pytest.param({"openvino_model.xml": b"x", "config.json": b"{}"}, "openvino", "m", id="openvino"),
        pytest.param({"config.json": b"{}", "model.safetensors": b"x"}, "transformers", "m", id="transformers"),
        pytest.param({"some.gguf": b"GGUFx"}, "llama_cpp", "m/some.gguf", id="folder-with-one-gguf"),
        pytest.param({"config.json": b"{}", "a.gguf": b"GGUFx"}, "llama_cpp", "m/a.gguf", id="gguf-and-config"),
    ],
)
def test_a_folder_says_itself_what_runs_it(home: Path, files: dict[str, bytes], engine: str, location: str) -> None:
    for name, content in files.items():
        write(home / "m" / name, content)
    model = resolve_llm("./m", download=False)
    assert (model.engine, model.location) == (engine, str(home / location))
    assert model.fingerprint.startswith("m@")
    assert model.licence == "unknown"


def test_a_gguf_file_runs_in_llama_cpp(home: Path) -> None:
    path = write(home / "some" / "model.gguf", b"GGUF....")
    model = resolve_llm("some/model.gguf", download=False)
    assert (model.engine, model.location) == ("llama_cpp", str(path))


def test_an_embedding_folder_runs_in_sentence_transformers(home: Path) -> None:
    write(home / "e5" / "config.json")
    assert resolve_embedding(str(home / "e5")).engine == "sentence_transformers"


def test_the_fingerprint_follows_the_weights_and_not_the_place(home: Path) -> None:
    first = resolve_llm(str(write(home / "a" / "m.gguf", b"GGUF1"))).fingerprint
    assert resolve_llm(str(write(home / "b" / "m.gguf", b"GGUF1"))).fingerprint == first
    changed = write(home / "a" / "m.gguf", b"GGUF2")
    os.utime(changed, ns=(1, 1))
    assert resolve_llm(str(changed)).fingerprint != first


def test_an_unwritable_cache_does_not_keep_a_local_model_from_loading(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(home / "m.gguf", b"GGUF1")
    monkeypatch.setenv("RAG_MODEL_CACHE", str(write(home / "a-file") / "below"))
    assert resolve_llm(str(path)).engine == "llama_cpp"


@pytest.mark.parametrize(
    ("url", "public"),
    [
        pytest.param("http://localhost:8080/v1", "http://localhost:8080/v1", id="plain"),
        pytest.param("https://me:secret@host.example/v1", "https://host.example/v1", id="user-and-password"),
        pytest.param("https://host.example/v1?key=secret", "https://host.example/v1", id="key-in-the-query"),
        pytest.param("http://[::1]:8080/v1#small", "http://[::1]:8080/v1#small", id="ipv6-and-model"),
    ],
)
def test_a_server_keeps_its_credentials_out_of_the_fingerprint(url: str, public: str) -> None:
    model = resolve_llm(url, download=False)
    assert (model.engine, model.location, model.fingerprint, model.name) == ("openai", url, public, public)
    assert resolve_embedding(url, download=False) == model


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        pytest.param("llm", "gpt-17", "There is no language model 'gpt-17'", id="unknown"),
        pytest.param("llm", "  ", "There is no language model ''", id="empty"),
        pytest.param("llm", "a/b/c", "There is no language model 'a/b/c'", id="neither-path-nor-hub-id"),
        pytest.param("llm", "./nowhere", "no file or folder ./nowhere", id="missing-folder"),
        pytest.param("llm", "nowhere.gguf", "no file or folder nowhere.gguf", id="missing-file"),
        pytest.param("llm", DEFAULT_EMBEDDING, "is not a language model", id="embedding-as-llm"),
        pytest.param("embedding", DEFAULT_LLM, "is not an embedding model", id="llm-as-embedding"),
        pytest.param("embedding", "http://", "embedding model has no host", id="embedding-url-without-host"),
        pytest.param("llm", "http://", "has no host", id="url-without-host"),
        pytest.param("llm", "http://[broken", "has no host", id="url-with-a-broken-host"),
        pytest.param("llm", "http://host:port/", "has no host or no valid port", id="url-with-a-bad-port"),
    ],
)
def test_what_cannot_be_resolved_is_explained(kind: str, name: str, message: str) -> None:
    resolve = resolve_llm if kind == "llm" else resolve_embedding
    with pytest.raises(ModelError, match=message) as caught:
        resolve(name)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError) as caught:
        resolve_llm("gpt-17")
    assert all(name in caught.value.hint for name, model in CATALOGUE.items() if model.kind == "llm")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("m/readme.txt", b"x", "contains no language model", id="folder-without-model"),
        pytest.param("m.gguf", b"PK..", "is not a GGUF file", id="gguf-in-name-only"),
        pytest.param("m.bin", b"x", "not a language model that can be loaded", id="other-file"),
    ],
)
def test_a_path_that_is_no_model_is_explained(home: Path, name: str, content: bytes, message: str) -> None:
    write(home / name, content)
    with pytest.raises(ModelError, match=message):
        resolve_llm(str(home / name.split("/", maxsplit=1)[0]))


def test_a_folder_in_the_working_directory_does_not_shadow_the_catalogue(home: Path) -> None:
    write(home / DEFAULT_EMBEDDING / "config.json")
    with pytest.raises(ModelError, match="is not in"):
        resolve_embedding(DEFAULT_EMBEDDING, download=False)
    assert resolve_embedding(f"./{DEFAULT_EMBEDDING}").engine == "sentence_transformers"


class TestHub:
    COMMIT = "0123456789abcdef0123456789abcdef01234567"

    @pytest.fixture(autouse=True)
    def hub(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        repository = home / "hub" / "models--org--tiny"
        write(repository / "refs" / "main", self.COMMIT.encode())
        write(repository / "snapshots" / self.COMMIT / "config.json")
        return write(repository / "snapshots" / self.COMMIT / "model.safetensors", b"x").parent

    @pytest.mark.parametrize("name", ["org/tiny", f"org/tiny@{COMMIT}"])
    def test_a_snapshot_is_found_without_the_hub(self, hub: Path, name: str) -> None:
        model = resolve_llm(name, download=False)
        assert (model.engine, model.location, model.name) == ("transformers", str(hub), name)
        assert model.fingerprint == "org/tiny@0123456789ab"

    def test_what_is_not_there_is_not_looked_for_unasked(self) -> None:
        with pytest.raises(ModelError, match="org/other is not here") as caught:
            resolve_llm("org/other", download=False)
        assert caught.value.hint == "Fetch it: rag models --fetch org/other"

    def test_an_unreachable_hub_is_one_line(self) -> None:
        with pytest.raises(ModelError, match="could not be fetched from the hub") as caught:
            resolve_llm("org/other")
        assert "\n" not in str(caught.value)

    def test_half_a_snapshot_is_not_taken_for_a_model(self, hub: Path) -> None:
        (hub / "model.safetensors").unlink()
        with pytest.raises(ModelError, match="only parts of it"):
            resolve_llm("org/tiny", download=False)


def run(code: str, home: Path) -> str:
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("CI", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=home
    )
    return done.stdout.strip()


def test_importing_is_light(home: Path) -> None:
    heavy = "('numpy', 'torch', 'openvino', 'transformers', 'huggingface_hub', 'httpx')"
    assert run(f"import rag.inference.weights, sys; print([m for m in {heavy} if m in sys.modules])", home) == "[]"


def test_openvino_reports_nothing(home: Path) -> None:
    # Its telemetry package would write a client id and a counter to ~/intel as soon as it runs.
    code = (
        "import rag.inference.weights, openvino_genai, sys, openvino.tools.ovc.telemetry_utils as t\n"
        "print(sys.modules['openvino_telemetry'], t.tm.__name__)"
    )
    assert run(code, home) == "None openvino.tools.ovc.telemetry_stub"
    assert not (home / "intel").exists()
