"""No file is too long to read at once, and no folder has too many modules to see at a glance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("index", "rag", "ui", "training", "bench", "tests")
LONGEST_FILE = 400  # lines
MOST_MODULES = 12  # of one folder, without its __init__.py


def modules() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in modules()}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_folder_holds_more_than_a_dozen_modules() -> None:
    held = Counter(str(file.parent.relative_to(ROOT)) for file in modules() if file.name != "__init__.py")
    assert held
    assert {folder: count for folder, count in held.items() if count > MOST_MODULES} == {}
