"""Heavy libraries are imported only when they are needed, because users wait for the start."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "faiss", "gradio", "httpx", "huggingface_hub", "matplotlib", "openvino", "openvino_genai", "pandas", "scipy",
    "sentence_transformers", "sklearn", "torch", "transformers", "xllamacpp",
}  # fmt: skip


def imported(code: str) -> set[str]:
    code += "\nimport sys\nprint('\\n'.join(name for name, module in sys.modules.items() if module))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    return set(run.stdout.split())


def test_the_package_alone_imports_nothing_that_is_installed() -> None:
    assert not (HEAVY | {"numpy", "pydantic"}) & imported("import rag")


def test_the_facade_imports_no_runtime() -> None:
    assert not HEAVY & imported("from rag import *")


@pytest.mark.parametrize("arguments", [["search", " "], ["ask", " "]])
def test_a_command_of_the_shell_imports_neither_the_app_nor_pytorch(arguments: list[str]) -> None:
    call = f"import sys; sys.argv = ['rag', *{arguments!r}]\nfrom rag.cli.main import main"
    found = imported(f"{call}\ntry:\n    main()\nexcept SystemExit as end:\n    assert end.code == 2")
    assert "rag.client" in found  # the command got as far as refusing the question
    assert not (HEAVY - {"httpx"}) & found


def test_the_shell_still_knows_the_command_of_the_app() -> None:
    call = "import sys; sys.argv = ['rag', 'ui', '--help']\nfrom rag.cli.main import main"
    assert "ui.command" in imported(f"{call}\ntry:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0")
