"""What the app says, in German and in English, and how it writes dates and durations."""

from __future__ import annotations

from dataclasses import fields

from ui.render.words import Texts
from ui.render.words_de import DE
from ui.render.words_en import EN

__all__ = ["DE", "EN", "Texts", "format_date", "format_seconds", "texts_for", "translations"]

MONTHS = {
    "de": (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


def texts_for(accept_language: str) -> Texts:
    """
    Choose the texts for a browser.

    Parameters
    ----------
    accept_language
        The request header of that name: languages in order of preference.

    Returns
    -------
    Texts
        German if the first language is German or none is given, else English.

    """
    first = accept_language.split(",", maxsplit=1)[0].strip().lower()
    return DE if not first or first == "*" or first.startswith("de") else EN


def translations(texts: Texts) -> dict[str, str]:
    """Return the texts by name, as `gradio.I18n` takes them."""
    return {field.name: getattr(texts, field.name) for field in fields(texts)}


def format_date(date: str, language: str) -> str:
    """
    Write an ISO date the way a newspaper does.

    Parameters
    ----------
    date
        ``YYYY-MM-DD`` or ``YYYY-MM``; anything else comes back unchanged.
    language
        ``de`` or ``en``.

    Returns
    -------
    str
        ``3. Juni 2025`` or ``3 June 2025``, ``Juni 2025`` or ``June 2025``.

    """
    year, _, rest = date.partition("-")
    month, _, day = rest.partition("-")
    if not (year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12):
        return date
    name = MONTHS[language][int(month) - 1]
    if date.count("-") == 1 and len(year) == 4 and len(month) == 2:
        return f"{name} {year}"
    if not day.isdecimal():
        return date
    return f"{int(day)}. {name} {year}" if language == "de" else f"{int(day)} {name} {year}"


def format_seconds(milliseconds: float, texts: Texts) -> str:
    """Write a duration in seconds with one decimal, at least 0.1, with the language's decimal sign."""
    number = f"{max(milliseconds / 1000, 0.1):.1f}"
    return f"{number.replace('.', ',') if texts.language == 'de' else number} {texts.seconds}"
