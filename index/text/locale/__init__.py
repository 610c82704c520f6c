"""
The words of each language as data: one folder per language with one file per subject, read when first needed.

A list is named by its file and its key: ``words("grammar.articles_definite")``. A string holds words separated by
blanks; an array holds regular expressions, one per entry, for inflected forms or several words. If a language lacks a
list, it has no words for it. The rules that use a list take the words of all languages together, unless they ask for
those of one language.
"""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import RagError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent
"""Where the folders of the languages are."""
DEFAULT = "de"
"""Language assumed for a text that shows none, and language of the names that an index uses for all languages."""
_MARK = "language.toml"
_NOTHING = "(?!)"  # matches no text


@functools.cache
def languages() -> tuple[str, ...]:
    """Return the ISO 639-1 codes of all languages, the default first, the others in alphabetical order."""
    found = sorted(folder.parent.name for folder in FOLDER.glob(f"*/{_MARK}"))
    return (DEFAULT, *(language for language in found if language != DEFAULT))


def words(*sections: str, language: str = "") -> frozenset[str]:
    """
    Return the words of some lists.

    Parameters
    ----------
    sections
        The names of lists of plain words.
    language
        The only language to take them from; empty for all languages.

    Raises
    ------
    KeyError
        No language has a list of that name.

    """
    return frozenset(word for section in sections for text in _values(section, language) for word in text.split())


def texts(section: str, language: str = "") -> tuple[str, ...]:
    """Return the entries of a list unchanged, words or regular expressions; see `words`."""
    return tuple(
        entry for value in _values(section, language) for entry in (value.split() if isinstance(value, str) else value)
    )


def alternatives(*sections: str, language: str = "") -> str:
    """
    Return a regular expression that matches any entry of some lists, and nothing if they are empty.

    Parameters
    ----------
    sections
        The names of lists.
    language
        The only language to take them from; empty for all languages.

    Examples
    --------
    >>> alternatives("grammar.articles_indefinite")
    '(?:ein|eine|a|an)'

    """
    found = [
        entry
        for section in sections
        for value in _values(section, language)
        for entry in (map(re.escape, value.split()) if isinstance(value, str) else value)
    ]
    return f"(?:{'|'.join(found)})" if found else _NOTHING


def text(section: str, language: str) -> str:
    """Return a text in a language, or in the default one if the language lacks it."""
    found = _values(section, language) or _values(section, DEFAULT)
    return " ".join(value.strip() for value in found)


def each(section: str) -> dict[str, str]:
    """Return a text in each language; see `text`."""
    return {language: text(section, language) for language in languages()}


def _values(section: str, language: str) -> list[Any]:
    file, _, key = section.partition(".")
    found = {one: _file(one, file) for one in languages()}
    if not any(key in read for read in found.values()):
        raise KeyError(f"No language has a list {section} in {FOLDER}.")
    return [read[key] for one, read in found.items() if key in read and language in {"", one}]


@functools.cache
def _file(language: str, name: str) -> Mapping[str, Any]:
    path = FOLDER / language / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:  # it is not TOML, or not UTF-8
        raise RagError(
            f"{path} cannot be read: {error}.", hint="Correct it; the files beside it show the form."
        ) from None
