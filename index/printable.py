r"""
Make texts safe to show in a terminal, a log or an error message.

Names, titles and texts come from files that anyone may have written. An escape sequence in one of them could set the
window's title, clear the screen or write to the clipboard, and a direction mark could reorder its words. Such
characters are shown as escapes: ``\x1b``. This is for people; JSON and files keep the text unchanged.
"""

from __future__ import annotations

import re
from typing import Final

# Control characters (C0, C1), line separators, lone surrogates, and the format characters that reorder, annotate
# or hide text: direction marks, embeddings and isolates, deprecated characters, interlinear annotations, tags.
_UNSAFE: Final = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff"
)
_ALL = re.compile(f"[{_UNSAFE}]")
_BUT_LINES = re.compile(f"(?![\n\t])[{_UNSAFE}]")
_BREAKS = re.compile("(?<![\t-\r\x85\u2028\u2029])[\t-\r\x85\u2028\u2029]++ *+")


def escaped(text: str) -> str:
    r"""
    Return a text in which each character that could act on a terminal is replaced by its code.

    This includes line breaks: a file's name may contain one, and must not start a new line.

    Examples
    --------
    >>> escaped("a\x1b[2J\u202eb")
    'a\\x1b[2J\\u202eb'

    """
    return _ALL.sub(_number, text)


def one_line(text: str) -> str:
    """Return the same, but with line breaks replaced by spaces; for sentences."""
    return escaped(_BREAKS.sub(" ", text))


def held(articles: int, passages: int) -> str:
    """Return the numbers of articles and passages in words: "1 article, 3 passages"."""
    return f"{articles} article{'s' * (articles != 1)}, {passages} passage{'s' * (passages != 1)}"


def lines(text: str) -> str:
    """Return the same as `escaped`, but keep line feeds and tabs; for text of several lines."""
    return _BUT_LINES.sub(_number, text)


def json_escaped(json: str) -> str:
    """Return a JSON text with such characters written as JSON escapes, so that it still parses to the same values."""
    return _BUT_LINES.sub(_json_number, json)


def _number(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_number(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
