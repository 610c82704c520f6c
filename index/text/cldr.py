"""German and English names of months, quarters, units, currencies and scales, from the Unicode locale data."""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import TYPE_CHECKING

from index.text.spelling import comparable, folded

if TYPE_CHECKING:
    from collections.abc import Mapping

_LANGUAGES = ("de", "en")


@functools.cache
def months() -> Mapping[str, int]:
    """Return the number of each month by its casefolded names and abbreviations."""
    from babel import Locale  # noqa: PLC0415 - loads locale data, only when searching

    found: dict[str, int] = {}
    for locale in (Locale("de"), Locale("de", "AT"), Locale("en")):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names = locale.months[context][width]
                found |= {folded(comparable(name)).rstrip("."): number for number, name in names.items()}
    return found


@functools.cache
def month_names() -> Mapping[int, str]:
    """Return the casefolded German name of each month."""
    from babel import Locale  # noqa: PLC0415

    return {number: folded(comparable(name)) for number, name in Locale("de").months["format"]["wide"].items()}


@functools.cache
def english_months() -> Mapping[str, int]:
    """Return the number of each month by its full English name, with a capital."""
    from babel import Locale  # noqa: PLC0415

    return {name: number for number, name in Locale("en").months["format"]["wide"].items()}


@functools.cache
def quarters() -> tuple[str, frozenset[str]]:
    """Return the letter that abbreviates a quarter of a year, and the words for one; the German word is the first."""
    from babel import Locale  # noqa: PLC0415

    named = [Locale(language).quarters["format"] for language in _LANGUAGES]
    letter = folded(named[0]["abbreviated"][1]).rstrip("1")
    return letter, frozenset(folded(names["wide"][1].split()[-1]) for names in named)


@functools.cache
def scales() -> Mapping[str, int]:
    """Return what a word or its abbreviation multiplies by: "Million" and "Mio" by 1,000,000."""
    from babel import Locale  # noqa: PLC0415

    found: dict[str, int] = {}
    # A German "Billion" is an English trillion; the English word counts in small letters only.
    for language, width in (("en", "long"), ("de", "short"), ("de", "long")):
        for patterns in Locale(language).compact_decimal_formats[width].values():
            for power, pattern in patterns.items():
                word = comparable(pattern.pattern).strip("0 '.")
                zeros = pattern.pattern.count("0")
                if word:
                    found[word] = int(power) // 10 ** (zeros - 1)
    return found


@functools.cache
def currencies() -> Mapping[str, str]:
    """Return the German word for a currency by its code and by its sign: "Euro" by "EUR" and "€"."""
    from babel import Locale  # noqa: PLC0415

    german = Locale("de")
    # "Schweizer Franken" are "Franken" to most texts; a name with years in brackets is of one that is no more.
    found = {code: name.split()[-1] for code, name in german.currencies.items() if "(" not in name}
    for language in _LANGUAGES:
        for code, sign in Locale(language).currency_symbols.items():
            if len(sign) == 1 and code in found:
                found.setdefault(sign, found[code])
    return found


@functools.cache
def signed_currencies() -> frozenset[str]:
    """Return the codes of currencies that have a sign of their own: the ones that texts write without a number."""
    from babel import Locale  # noqa: PLC0415

    return frozenset(code for code, sign in Locale("de").currency_symbols.items() if len(sign) == 1)


@functools.cache
def units() -> Mapping[str, str]:
    """Return the German name of a unit of measurement by its abbreviation: "Kilometer" by "km"."""
    from babel import Locale  # noqa: PLC0415
    from babel.units import UnknownUnitError, format_unit  # noqa: PLC0415

    found: dict[str, str] = {}
    german = Locale("de")
    for unit in map(str, german.unit_display_names):
        with suppress(UnknownUnitError):
            name = format_unit(2, unit, length="long", locale=german).removeprefix("2").strip()
            short = format_unit(2, unit, length="short", locale=german).removeprefix("2")
            key = comparable(short).strip().rstrip(".")
            # A unit that has no name goes by its identifier.
            if key and name not in {key, unit} and not any(sign.isspace() for sign in key):
                found.setdefault(key, name)
    return found


@functools.cache
def _languages() -> Mapping[str, str]:
    from babel import Locale  # noqa: PLC0415

    return {
        folded(comparable(name)): code
        for language in reversed(_LANGUAGES)
        for code, name in Locale(language).languages.items()
        if len(code) == 2
    }


def language_code(name: str) -> str:
    """Return the ISO 639-1 code of a language: "de-AT", "Deutsch" and "German" are ``de``; nothing for any other text."""
    tag = name.strip().replace("_", "-").partition("-")[0].casefold()
    if len(tag) == 2 and tag.isascii() and tag.isalpha():
        return tag
    return _languages().get(folded(comparable(name.strip()[:60])), "")
