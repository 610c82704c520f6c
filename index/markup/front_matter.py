"""
Read front matter: metadata at the very top of a text, as YAML between ``---`` lines or TOML between ``+++`` lines.

People write it by hand, and editors accept what no parser does: a colon in a title, a tab, a list that is never
closed. Whatever a parser rejects is read line by line; lines that are still not understood are reported, and never
taken for a part of the text.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from index.limits import DEEPEST_FRONT_MATTER, LONGEST_FRONT_MATTER, LONGEST_TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_VALUE = 2 * LONGEST_TITLE
_MOST_NOTES = 3

_LINE_END = r"(?:\r\n|\n|\r)"
_START = re.compile(rf"(---|\+\+\+)[ \t]*{_LINE_END}")
_END = {
    "---": re.compile(rf"(?:(?<=\n)|(?<=\r))(?:---|\.\.\.)[ \t]*(?:{_LINE_END}|\Z)"),
    "+++": re.compile(rf"(?:(?<=\n)|(?<=\r))\+\+\+[ \t]*(?:{_LINE_END}|\Z)"),
}
_BRACKET = re.compile(r"[\[\]{}]")
_LINE = re.compile(rf"([^\r\n]*)({_LINE_END}|\Z)")
_NAME = r"(?:([^\W\d][\w .-]{0,60}?)|\"([^\"]{1,60})\"|'([^']{1,60})')[ \t]*"
_KEY = {
    "---": re.compile(rf"{_NAME}:(.*)$"),
    "+++": re.compile(rf"{_NAME}[=:](.*)$"),
}
_BLANK_LINE = re.compile(rf"{_LINE_END}[ \t]*{_LINE_END}")
# A key and a value in one line, without any sign that has a meaning in YAML.
_SIMPLE_LINE = re.compile(r"([^\W\d_][\w-]{0,60}):(?: +(\w(?:[\w .,;()/!?%+=„“”–-]|:(?=[^\s:]))*))?")
_ITEM = re.compile(r"[ \t]*-[ \t]+(\S.*)$")
_QUOTES = ('"', "'")
_KNOWN = {
    "title": ("title", "titel", "überschrift", "headline"),
    "source": ("source", "quelle", "publication", "publisher", "medium", "zeitung"),
    "date": ("date", "datum", "published", "veröffentlicht", "erschienen", "stand"),
    "language": ("language", "lang", "sprache"),
    "author": ("author", "authors", "autor", "autorin", "autoren"),
    "url": ("url", "link", "canonical", "original", "adresse"),
}
_NAMES = frozenset(name for names in _KNOWN.values() for name in names)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """
    The metadata at the top of a text.

    Parameters
    ----------
    values
        Values as written, by key: lists are joined by commas, long values cut, nested mappings left out.
    end
        The offset at which the text begins: 0 if there is no front matter.
    notes
        What could not be read of the front matter, one line each.

    """

    values: Mapping[str, str]
    end: int = 0
    notes: tuple[str, ...] = ()

    def get(self, name: str) -> str:
        """Return ``title``, ``source``, ``date``, ``language`` or ``author``, whichever name the text uses for it."""
        given = {key.strip().casefold(): key for key in self.values}
        found = (self.values[given[key]] for key in _KNOWN[name] if key in given)
        return next((" ".join(value.split()) for value in found if value.strip()), "")


_NONE = FrontMatter({})


def front_matter(text: str) -> tuple[dict[str, str], int]:
    """Return the values of a text's front matter, and the offset at which the text itself begins; see `read`."""
    found = read(text)
    return dict(found.values), found.end


def read(text: str) -> FrontMatter:
    """
    Read the front matter of a text.

    A block between two such lines that does not look like keys and values is kept as ordinary text, because many
    texts begin with a thematic break.

    Parameters
    ----------
    text
        A document's text.

    """
    opening = _START.match(text)
    if opening is None:
        return _NONE
    begin, mark = opening.end(), opening.group(1)
    block = text[begin : begin + LONGEST_FRONT_MATTER]
    closing = _END[mark].search(block) if not _END[mark].match(text, begin) else None
    if closing is not None and not (closing.end() == LONGEST_FRONT_MATTER and begin + LONGEST_FRONT_MATTER < len(text)):
        found = _block(block[: closing.start()], mark)
        if found is not None:
            values, notes = found
            return FrontMatter(values, begin + closing.end(), notes)
    return _unclosed(block, begin, mark)


def _unclosed(block: str, begin: int, mark: str) -> FrontMatter:
    """Read unclosed front matter up to the first blank line, if all lines are read and a key is known."""
    end = 0
    for line in _LINE.finditer(block):
        if not line.group(1).strip() or line.end() == line.start():
            break
        end = line.end()
    values, unread = _by_lines(block[:end], mark)
    if len(values) < 2 or unread or not _NAMES & {key.casefold() for key in values}:
        return _NONE
    return FrontMatter(
        values, begin + end, ("front matter that is not closed; it was read up to the first blank line.",)
    )


@functools.lru_cache(maxsize=16)  # loading, cleaning and showing an article each ask for it
def _block(block: str, mark: str) -> tuple[Mapping[str, str], tuple[str, ...]] | None:
    """Return the values of a block and notes on what could not be read, None if it is not front matter."""
    found = _strict(block, mark)
    if found is not None:
        return found, ()
    values, unread = _by_lines(block, mark)
    known = any(key.casefold() in _NAMES for key in values)
    # A single unknown key may be the beginning of a sentence, and many lines without keys an ordinary text.
    if not known and (len(values) < 2 or 3 * len(unread) > len(values)):
        return None
    if len(unread) > len(values) and (_BLANK_LINE.search(block) or next(iter(values)).casefold() not in _NAMES):
        return None
    notes = tuple(f"front matter, line {number}: {line[:60].strip()!r} cannot be read." for number, line in unread)
    more = len(notes) - _MOST_NOTES
    return values, notes[:_MOST_NOTES] + ((f"front matter: {more} more lines cannot be read.",) if more > 0 else ())


def _strict(block: str, mark: str) -> Mapping[str, str] | None:
    """Return the values as a parser reads them, None if it cannot."""
    if _depth(block) > DEEPEST_FRONT_MATTER:
        return None
    try:
        if mark == "+++":
            values: Any = tomllib.loads(block.replace("\r\n", "\n").replace("\r", "\n"))
        else:
            # BaseLoader builds only strings, lists and mappings, so "2025-01-05", "1.10" and "No" stay as
            # written.
            values = _simple(block) or yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    found = {str(key): _scalar(value) for key, value in values.items() if not isinstance(value, dict | None)}
    if any(isinstance(value, dict) and str(key).casefold() in _NAMES for key, value in values.items()):
        # "{Entwurf}" is a mapping to a parser, but a title to the author.
        found |= {key: value for key, value in _by_lines(block, mark)[0].items() if value.startswith("{")}
    return found


def _simple(block: str) -> dict[str, str]:
    """
    Return what a YAML parser would return for simple lines; empty if a line is not simple.

    The parser takes half a millisecond for a date and a source, and a sync needs them several times per article.
    """
    found: dict[str, str] = {}
    for line in _LINE.finditer(block):
        match = _SIMPLE_LINE.fullmatch(line.group(1).rstrip(" "))
        if match is not None:
            found[match.group(1)] = match.group(2) or ""
        elif line.group():
            return {}
    return found


def _depth(block: str) -> int:
    deepest = depth = 0
    for match in _BRACKET.finditer(block):
        depth = depth + 1 if match.group() in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _scalar(value: object) -> str:
    if not isinstance(value, list):
        return str(value)[:_LONGEST_VALUE]
    # With YAML aliases, thousands of lists may each repeat one long text.
    parts: list[str] = []
    length = 0
    for item in value:
        if not isinstance(item, list | dict) and length <= _LONGEST_VALUE:
            parts.append(str(item)[:_LONGEST_VALUE])
            length += len(parts[-1])
    return ", ".join(parts)[:_LONGEST_VALUE]


def _by_lines(block: str, mark: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Return keys and values read line by line, and the lines that are neither."""
    values: dict[str, list[str]] = {}
    unread: list[tuple[int, str]] = []
    last: list[str] | None = None
    for number, match in enumerate(_LINE.finditer(block), start=2):
        line = match.group(1)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = _key(line.strip(), mark)
        indented = line[0] in " \t"
        item = _ITEM.match(line)
        if item and last is not None:
            last.append(_plain(item.group(1)))
        elif key and not (indented and values):
            last = values.setdefault(key[0], [])
            if key[1]:
                last[:] = [_plain(key[1])]
        elif indented and last is not None:
            if key:  # a nested mapping is left out, with everything below it
                last = []
            else:
                last[-1:] = [" ".join([*last[-1:], line.strip()])]
        else:
            unread.append((number, line))
    return {key: ", ".join(parts)[:_LONGEST_VALUE] for key, parts in values.items()}, unread


def _key(line: str, mark: str) -> tuple[str, str] | None:
    """Return the key and value of a line, None if it has none."""
    match = _KEY[mark].match(line)
    if match is None:
        return None
    name, value = next(filter(None, match.groups()[:3])), match.group(4)
    # A colon without a blank may be part of a time or an address, unless the key is known.
    parted = not value or value[0].isspace() or mark == "+++" or name.casefold() in _NAMES
    return (name, value.strip()) if parted else None


def _plain(value: str) -> str:
    """Return a value without its quotes, or the items of a list joined by commas."""
    value = value.strip()
    if value[0] in _QUOTES and value.endswith(value[0]) and len(value) > 1:
        return value[1:-1]
    if value.startswith("[") and value.endswith("]") and _depth(value) == 1:
        return ", ".join(part.strip().strip("\"'") for part in value[1:-1].split(",") if part.strip())
    return "" if value in {"|", ">", "|-", ">-"} else value
