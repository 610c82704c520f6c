"""The page has its styles and scripts, wherever the module that serves them is."""

from __future__ import annotations

from pathlib import Path

import ui
from ui.launching.opening import Opening
from ui.launching.serving import _head, _script
from ui.launching.starting import page_html
from ui.render.texts import DE

HOME = Path(ui.__file__).parent


def test_all_styles_and_scripts_are_in_the_page() -> None:
    script, head = _script(), _head(_script())
    scripts, styles = sorted((HOME / "client").glob("*.js")), sorted((HOME / "style").glob("*.css"))
    assert scripts
    assert styles
    assert all(file.read_text(encoding="utf-8") in script for file in scripts)
    assert all(file.read_text(encoding="utf-8") in head for file in styles)


def test_the_page_of_the_first_start_has_the_same_colours() -> None:
    page = page_html(Opening(lambda progress: None), DE)
    assert (HOME / "style" / "10-base.css").read_text(encoding="utf-8") in page
