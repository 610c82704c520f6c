r"""
Texts as they may be shown in a terminal, written to a log, or told in an error.

Names, titles and texts come from files that anyone may have written. An escape sequence in one of them could set the
window's title, clear the screen or write to the clipboard, and a mark of direction could put its words in another
order. Such characters are shown as what they are: ``\x1b``. This is for people; JSON and files keep the text itself.
"""

from __future__ import annotations

import re
from typing import Final

# Control characters (C0, C1), separators of lines, lone surrogates, and the format characters that reorder, annotate
# or hide text: marks, embeddings and isolates of direction, deprecated ones, interlinear annotations, tags.
_UNSAFE: Final = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff"
)
_ALL = re.compile(f"[{_UNSAFE}]")
_BUT_LINES = re.compile(f"(?![\n\t])[{_UNSAFE}]")
_BREAKS = re.compile("(?<![\t-\r\x85\u2028\u2029])[\t-\r\x85\u2028\u2029]++ *+")


def escaped(text: str) -> str:
    r"""
    Return a text in which each character that could act on a terminal is written as its number.

    Line breaks are among them: a file's name may have one, and must not begin a line of its own.

    Examples
    --------
    >>> escaped("a\x1b[2J\u202eb")
    'a\\x1b[2J\\u202eb'

    """
    return _ALL.sub(_number, text)


def one_line(text: str) -> str:
    """Return the same with a space for line breaks, for sentences."""
    return escaped(_BREAKS.sub(" ", text))


def held(articles: int, passages: int) -> str:
    """Return how many there are, in words: "1 article, 3 passages"."""
    return f"{articles} article{'s' * (articles != 1)}, {passages} passage{'s' * (passages != 1)}"


def lines(text: str) -> str:
    """Return the same with line feeds and tabs as they are, for what may have several lines."""
    return _BUT_LINES.sub(_number, text)


def json_escaped(json: str) -> str:
    """Return a JSON text with such characters as JSON's own escapes: whoever reads it gets the same values."""
    return _BUT_LINES.sub(_json_number, json)


def _number(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_number(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
