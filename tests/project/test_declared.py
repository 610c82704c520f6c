"""What is imported is declared, or comes with something that is: an install without the extras must not lack it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What comes with a package that is declared, and is imported by its own name.
COMES_WITH = {
    "anyio": "mcp",
    "fastapi": "gradio",
    "huggingface-hub": "tokenizers",
    "mcp-types": "mcp",
    "openvino": "openvino-genai",
    "pydantic-core": "pydantic",
    "starlette": "gradio",
    "torch": "sentence-transformers",
    "uvicorn": "gradio",
}
# What is there whenever the module is imported at all: it is a plug-in of it.
HOSTS = {"pytest"}


def named(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; (]", requirement)[0]).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    return {named(one) for one in [*project["dependencies"], *(o for e in extras if e != "dev" for o in extras[e])]}


def imported() -> dict[str, str]:
    """Return the modules of others that the packages import, each with a place."""
    found = {}
    for file in (file for package in ("index", "rag", "ui") for file in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for top in {name.partition(".")[0] for name in names}:
                if top not in sys.stdlib_module_names | {"index", "rag", "ui"}:
                    found[top] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return found


def test_whatever_is_imported_is_declared_or_comes_with_what_is() -> None:
    distributions, known = packages_distributions(), declared()
    modules = imported()
    assert len(modules) > 20
    missing = {}
    for module, place in modules.items():
        names = {named(one) for one in distributions.get(module, [module])}
        if not names & (known | HOSTS | COMES_WITH.keys()):
            missing[module] = place
    assert missing == {}


def all_of(parent: str) -> set[str]:
    """Return what a package asks for, and what that asks for."""
    found: set[str] = set()
    new = {parent}
    while new:
        found |= new
        new = {named(one) for name in new if installed(name) for one in requires(name) or ()} - found
    return found


def installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:  # of another extra, or of another system
        return False


def test_what_comes_with_another_is_still_asked_for_by_it() -> None:
    for name, parent in COMES_WITH.items():
        assert parent in declared()
        assert name in all_of(parent), (name, parent)
