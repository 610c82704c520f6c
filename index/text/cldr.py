"""Names of months, quarters, units, currencies and scales from the Unicode locale data."""

from __future__ import annotations

import functools
from contextlib import suppress
from typing import TYPE_CHECKING

from index.text import locale as lists
from index.text.spelling import comparable, folded

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def months() -> Mapping[str, int]:
    """Return the number of each month by its casefolded names and abbreviations."""
    from babel import Locale  # noqa: PLC0415 - loads locale data, only when searching

    found: dict[str, int] = {}
    for locale in map(Locale.parse, lists.texts("language.locales")):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names = locale.months[context][width]
                found |= {folded(comparable(name)).rstrip("."): number for number, name in names.items()}
    return found


@functools.cache
def month_names() -> Mapping[int, str]:
    """Return the casefolded name of each month in the default language, which an index uses for all languages."""
    from babel import Locale  # noqa: PLC0415

    return {number: folded(comparable(name)) for number, name in Locale(lists.DEFAULT).months["format"]["wide"].items()}


@functools.cache
def foreign_months() -> Mapping[str, int]:
    """Return the number of each month by its full name, as written, in all languages but the default one."""
    from babel import Locale  # noqa: PLC0415

    others = map(Locale, lists.languages()[1:])
    return {name: number for other in others for number, name in other.months["format"]["wide"].items()}


@functools.cache
def quarters() -> tuple[str, frozenset[str]]:
    """Return the letter that abbreviates a quarter of a year in the default language, and the words for one."""
    from babel import Locale  # noqa: PLC0415

    named = [Locale(language).quarters["format"] for language in lists.languages()]
    letter = folded(named[0]["abbreviated"][1]).rstrip("1")
    return letter, frozenset(folded(names["wide"][1].split()[-1]) for names in named)


@functools.cache
def scales() -> Mapping[str, int]:
    """Return the factor that each scale word or abbreviation stands for: 1,000,000 for "Million" and "Mio"."""
    from babel import Locale  # noqa: PLC0415

    found: dict[str, int] = {}
    # A German "Billion" is an English trillion; the English word counts only in lower case.
    widths = [
        (one, width) for one in reversed(lists.languages()) for width in lists.texts("language.scale_widths", one)
    ]
    for language, width in widths:
        for patterns in Locale(language).compact_decimal_formats[width].values():
            for power, pattern in patterns.items():
                word = comparable(pattern.pattern).strip("0 '.")
                zeros = pattern.pattern.count("0")
                if word:
                    found[word] = int(power) // 10 ** (zeros - 1)
    return found


@functools.cache
def currencies() -> Mapping[str, str]:
    """Return the German word for each currency by its code and by its sign: "Euro" for "EUR" and "€"."""
    from babel import Locale  # noqa: PLC0415

    german = Locale(lists.DEFAULT)
    # Most texts call "Schweizer Franken" just "Franken"; a name with years in brackets is that of a former currency.
    found = {code: name.split()[-1] for code, name in german.currencies.items() if "(" not in name}
    for language in lists.languages():
        for code, sign in Locale(language).currency_symbols.items():
            if len(sign) == 1 and code in found:
                found.setdefault(sign, found[code])
    return found


@functools.cache
def signed_currencies() -> frozenset[str]:
    """Return the codes of currencies with a sign of their own, which texts also use without a number."""
    from babel import Locale  # noqa: PLC0415

    return frozenset(code for code, sign in Locale(lists.DEFAULT).currency_symbols.items() if len(sign) == 1)


@functools.cache
def units() -> Mapping[str, str]:
    """Return the German name of each unit of measurement by its abbreviation: "Kilometer" for "km"."""
    from babel import Locale  # noqa: PLC0415
    from babel.units import UnknownUnitError, format_unit  # noqa: PLC0415

    found: dict[str, str] = {}
    german = Locale(lists.DEFAULT)
    for unit in map(str, german.unit_display_names):
        with suppress(UnknownUnitError):
            name = format_unit(2, unit, length="long", locale=german).removeprefix("2").strip()
            short = format_unit(2, unit, length="short", locale=german).removeprefix("2")
            key = comparable(short).strip().rstrip(".")
            # A unit without a name is given its identifier as name.
            if key and name not in {key, unit} and not any(sign.isspace() for sign in key):
                found.setdefault(key, name)
    return found


@functools.cache
def _languages() -> Mapping[str, str]:
    from babel import Locale  # noqa: PLC0415

    return {
        folded(comparable(name)): code
        for language in reversed(lists.languages())
        for code, name in Locale(language).languages.items()
        if len(code) == 2
    }


def language_code(name: str) -> str:
    """Return a language's ISO 639-1 code: ``de`` for "de-AT", "Deutsch" and "German"; empty for any other text."""
    tag = name.strip().replace("_", "-").partition("-")[0].casefold()
    if len(tag) == 2 and tag.isascii() and tag.isalpha():
        return tag
    return _languages().get(folded(comparable(name.strip()[:60])), "")
