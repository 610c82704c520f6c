"""Every imported package is declared, or comes with a declared one, so that no install lacks it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Packages that are imported but not declared, and the declared package that each comes with.
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
# Packages that load a plug-in of ours: they are installed whenever the plug-in is imported.
HOSTS = {"pytest"}


def named(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; (]", requirement)[0]).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    return {named(one) for one in [*project["dependencies"], *(o for e in extras if e != "dev" for o in extras[e])]}


def imported() -> dict[str, str]:
    """Return the third-party modules that the packages import, each with a place that imports it."""
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
    """Return a package with its direct and indirect requirements."""
    found: set[str] = set()
    new = {parent}
    while new:
        found |= new
        new = {named(one) for name in new if installed(name) for one in requires(name) or ()} - found
    return found


def installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:  # it belongs to another extra or another system
        return False


def test_what_comes_with_another_is_still_asked_for_by_it() -> None:
    for name, parent in COMES_WITH.items():
        assert parent in declared()
        assert name in all_of(parent), (name, parent)
