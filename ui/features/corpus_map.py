"""
The map of the articles as a drawing, and in words.

It is drawn with Matplotlib, which the reports already use, as vector graphics: the page can colour it with its own
style sheet, in light and dark, and mark passages without another request. A library that draws in the browser would be
some megabytes of script.
"""

from __future__ import annotations

import io
import logging
import re
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

from ui.render.escaping import escape, isolated

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.exploring.overview import Overview
    from ui.conversation.engine import Engine
    from ui.render.texts import Texts

_LOG = logging.getLogger(__name__)
_MOST_ARTICLES = 5
_DOT = re.compile(r"<use [^>]*?xlink:href=\"(#[^\"]+)\" x=\"([^\"]+)\" y=\"([^\"]+)\"[^>]*/>")
_GROUP = re.compile(r"(<g id=\"topic)(\d+)(\">)(.*?)(?=<g id=\"|</svg>)", re.DOTALL)


def draw(overview: Overview) -> str:
    """
    Draw a map as SVG; each dot is a ``<use>`` that carries its passage.

    Raises
    ------
    ImportError
        Matplotlib is not installed.

    """
    from matplotlib import rc_context  # noqa: PLC0415 - heavy, and an extra
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(7.2, 4.6))
    FigureCanvasSVG(figure)
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set_axis_off()
    axes.set_xlim(-1.12, 1.12)
    axes.set_ylim(-1.12, 1.12)
    for number in range(len(overview.topics)):
        points = [point for point in overview.points if point.topic == number]
        size = 34 if len(overview.points) < 400 else 14
        drawn = axes.scatter([point.x for point in points], [point.y for point in points], s=size)
        drawn.set_gid(f"topic{number}")
    stream = io.StringIO()
    # The fixed salt makes the same map give the same file.
    with rc_context({"svg.hashsalt": "quellentreu", "svg.fonttype": "none"}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return _dressed(stream.getvalue(), overview)


def _dressed(svg: str, overview: Overview) -> str:
    """Remove what only Matplotlib needs, and label each dot with its passage."""
    view = re.search(r"viewBox=\"([^\"]+)\"", svg)
    groups = []
    for group in _GROUP.finditer(svg):
        topic = int(group[2])
        points = [point for point in overview.points if point.topic == topic]
        dots = _DOT.findall(group[4])
        if len(dots) != len(points):
            raise ValueError(f"{len(dots)} dots were drawn for {len(points)} passages")
        radius = 3.2 if len(overview.points) < 400 else 2.1
        groups.append(
            "".join(
                f'<circle class="q-dot" data-topic="{topic}" cx="{x}" cy="{y}" r="{radius}" data-mark="e0" '
                f'data-path="{escape(point.path)}" data-start="{point.start}" data-end="{point.end}" data-quote="">'
                f"<title>{escape(point.title)}</title></circle>"
                for (_, x, y), point in zip(dots, points, strict=True)
            )
        )
    box = view[1] if view else "0 0 518 331"
    return f'<svg class="q-map" viewBox="{box}" aria-hidden="true" focusable="false">{"".join(groups)}</svg>'


def in_words(overview: Overview, texts: Texts) -> str:
    """Render the topics as a list: words, number of passages, and the articles that most of them are from."""
    items = []
    for number, topic in enumerate(overview.topics):
        titles: dict[str, list[Any]] = {}
        for point in overview.points:
            if point.topic == number:
                titles.setdefault(point.path, [point.title, 0])[1] += 1
        nearest = sorted(titles.items(), key=lambda item: (-item[1][1], item[0]))[:_MOST_ARTICLES]
        articles = "".join(
            f'<li><button type="button" class="q-lib-button" data-path="{escape(path)}">{isolated(title)}</button></li>'
            for path, (title, _) in nearest
        )
        words = ", ".join(topic.terms) or texts.map_unnamed
        size = texts.map_one if topic.size == 1 else texts.map_many.format(count=topic.size)
        items.append(
            f'<li data-topic="{number}"><details><summary><span class="q-key" aria-hidden="true"></span>'
            f'{isolated(words)} <span class="q-about">{escape(size)}</span> <span class="q-map-here"></span></summary>'
            f"<ul>{articles}</ul></details></li>"
        )
    return f'<ul class="q-topics">{"".join(items)}</ul>'


class CorpusMap:
    """
    The map of an engine's articles: made in a separate thread, and kept until the articles change.

    Parameters
    ----------
    engine
        Provides ``overview``; an engine without it has no map.

    """

    def __init__(self, engine: Engine) -> None:
        self._make: Callable[[], Overview] | None = getattr(engine, "overview", None)
        self._lock = threading.Lock()
        self._state: int | None = None
        self._made: tuple[Overview, str] | None = None
        self._failed = False
        self._runs = count()

    def get(self, state: int) -> tuple[str, tuple[Overview, str] | None]:
        """
        Return the map, or start making it.

        Parameters
        ----------
        state
            Number that changes whenever the articles do.

        Returns
        -------
        str, tuple or None
            ``ready`` with the overview and its drawing; ``making``; ``none`` if there can be no map.

        """
        if self._make is None:
            return "none", None
        with self._lock:
            if self._state != state:
                self._state, self._made, self._failed = state, None, False
                name = f"corpus-map-{next(self._runs)}"
                threading.Thread(target=self._work, args=(state,), name=name, daemon=True).start()
            if self._failed:
                return "none", None
            return ("ready", self._made) if self._made else ("making", None)

    def _work(self, state: int) -> None:
        made = None
        try:
            assert self._make is not None  # noqa: S101 - see `get`
            overview = self._make()
            made = overview, draw(overview)
        except ImportError:
            _LOG.info("no map of the articles: Matplotlib is not installed")
        except Exception as error:  # noqa: BLE001 - a map that fails must not cost anything else
            _LOG.error("the map of the articles failed", exc_info=error)
        with self._lock:
            if self._state == state:
                self._made, self._failed = made, made is None
