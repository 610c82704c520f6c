"""Format the numbers of lists as they are shown: figures, letters, Roman numerals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_LARGEST_ROMAN = 3999
_LARGEST_LETTERS = 26 * 10


def roman(number: int) -> str:
    """Return a number in small Roman numerals, in figures if it has none."""
    if not 1 <= number <= _LARGEST_ROMAN:
        return str(number)
    text = ""
    for amount, sign in _ROMAN:
        count, number = divmod(number, amount)
        text += sign * count
    return text.lower()


def repeated_letters(number: int) -> str:
    """Return a number in small letters as office programs count: "y", "z", "aa", "bb"."""
    if not 1 <= number <= _LARGEST_LETTERS:
        return str(number)
    rounds, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (rounds + 1)


def letters(number: int) -> str:
    """Return a number in small letters as web pages count: "y", "z", "aa", "ab"."""
    if number < 1:
        return str(number)
    text = ""
    while number:
        number, place = divmod(number - 1, 26)
        text = chr(ord("a") + place) + text
    return text


FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda _: "",
    "bullet": lambda _: "",
    "decimalZero": lambda number: f"{number:02}",
    "ordinal": lambda number: f"{number}.",
    "lowerLetter": repeated_letters,
    "upperLetter": lambda number: repeated_letters(number).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
}
"""Word's number formats by name (ECMA-376, part 1, 17.18.59); a format that is not listed is written in figures."""


def formatted(number: int, kind: str) -> str:
    """Return a number in the format of `FORMATS` that ``kind`` names, in plain figures for any other."""
    form = FORMATS.get(kind)
    return str(number) if form is None else form(number)
