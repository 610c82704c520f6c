"""
Write figures and dates as a spreadsheet shows them, by the number format of their cell.

A file stores 0.19 for 19 %, 45809 for a date, and 289 for 289,00 €. Separators are those of the file's language, as in
the program that shows it.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from index.text import locale

# The formats that files refer to by number alone (ECMA-376 part 1, 18.8.30).
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "dd/mm/yyyy h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0",
    42: "#,##0 €", 43: "#,##0.00", 44: "#,##0.00 €", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0",
}  # fmt: skip
_GENERAL = re.compile(r"general|@|standard|", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_BRACKET = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]", re.IGNORECASE)
# Text in quotes, an escaped character, a blank as wide as a character, a fill character.
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|(.)', re.DOTALL)
_PLACES = "0#?.,"
_MARK = "\ue000"  # stands for the figure while the text around it is assembled
_DATE = re.compile(r"y|d|m|h|s", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_LAST_DAY = 2_958_466  # of the year 9999
_MONTHS = locale.texts("files.months", "de"), locale.texts("files.months", "en")


def shown(value: float, code: str, *, german: bool, from_1904: bool = False) -> str:
    """
    Return a stored number as its cell shows it.

    Parameters
    ----------
    value
        The stored value.
    code
        The cell's number format, such as ``#,##0.00 "€"``.
    german
        Whether figures are written "1.234,5" and dates "31.12.2025"; else "1,234.5" and "2025-12-31".
    from_1904
        Whether days are counted from 1904 on.

    """
    sections = _sections(code)
    section, signed = sections[0], value < 0
    if len(sections) > 1 and value < 0:
        section, signed = sections[1], False
    elif len(sections) > 2 and value == 0:
        section = sections[2]
    if _GENERAL.fullmatch(section) and (code.strip() or not signed):
        return "" if not section and code.strip() else _general(value, german=german)
    bare = "".join(match[3] or "" for match in _TOKEN.finditer(_CURRENCY.sub("", _BRACKET.sub("", section))))
    if _GENERAL.fullmatch(section) or "general" in bare.lower():
        return _general(value, german=german)
    if not any(place in bare for place in "0#?") or _ELAPSED.search(section):
        if _DATE.search(bare):
            return _date(value, section, bare, german=german, from_1904=from_1904)
        if not bare.strip() and "0" not in section:
            return _literal(section)
    elif _DATE.search(bare.replace("E+", "").replace("E-", "")):  # tenths of seconds
        return _date(value, section, bare, german=german, from_1904=from_1904)
    return _figure(abs(value), section, signed=signed, german=german)


@lru_cache(maxsize=2_000)
def _sections(code: str) -> tuple[str, ...]:
    """Return the parts of a format between semicolons, ignoring semicolons in quotes."""
    parts, quoted, start = [], False, 0
    for place, sign in enumerate(code):
        if sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted and code[place - 1 : place] != "\\":
            parts.append(code[start:place])
            start = place + 1
    return (*parts, code[start:])


def _literal(section: str) -> str:
    return "".join(match[1] or match[2] or "" for match in _TOKEN.finditer(_BRACKET.sub("", section))).strip()


@lru_cache(maxsize=2_000)
def _layout(section: str) -> tuple[str, str]:
    """Return the text around a figure, with a mark in the figure's place, and the placeholders of the figure."""
    text = _BRACKET.sub("", _CURRENCY.sub(lambda found: f'"{found[1]}"', section))
    around, places = "", ""
    closed = False
    for match in _TOKEN.finditer(text):
        if match[1] is not None or match[2] is not None:
            literal = match[1] if match[1] is not None else match[2]
            around += literal
            closed = closed or bool(places)
        elif match[3] is None:
            around += " " if match[0] == "_ " else ""
        elif match[3] in _PLACES and (match[3] not in ".," or places or not around) and not closed:
            around += "" if places else _MARK
            places += match[3]
        elif match[3] in "0#?":  # such as the groups of a telephone number
            return "", ""
        else:
            around += match[3]
            closed = closed or (bool(places) and match[3] != " ")
    return around, places


def _figure(value: float, section: str, *, signed: bool, german: bool) -> str:
    around, places = _layout(section)
    if not places or "/" in around or re.search(r"E[+-]", around):
        return _general(-value if signed else value, german=german)
    whole, _, fraction = places.partition(".")
    scaled = len(places) - len(places.rstrip(","))
    number = Decimal(repr(value)) / (1000**scaled)
    if "%" in around:
        number *= 100
    least = fraction.count("0")
    digits = sum(fraction.count(sign) for sign in "0#?")
    number = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) if number.adjusted() < 20 else number
    text = f"{number:f}"
    if digits > least and "." in text:
        whole_part, _, part = text.partition(".")
        text = f"{whole_part}.{part[:least]}{part[least:].rstrip('0')}".rstrip(".")
    before, dot, after = text.partition(".")
    before = before.zfill(whole.rstrip(",").count("0"))
    if "," in whole.rstrip(","):
        before = _grouped(before, "." if german else ",")
    figures = before + (("," if german else ".") + after if dot else "")
    sign = "-" if signed and any(letter in "123456789" for letter in figures) else ""
    return " ".join((sign + around.replace(_MARK, figures)).split())


def _grouped(digits: str, separator: str) -> str:
    first = len(digits) % 3 or 3
    return separator.join([digits[:first], *(digits[at : at + 3] for at in range(first, len(digits), 3))])


def _general(value: float, *, german: bool) -> str:
    """Return a number without a format, rounded to 11 digits to drop those that come from binary fractions."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{Decimal(f'{value:.11g}'):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if german else text


def _date(value: float, section: str, bare: str, *, german: bool, from_1904: bool) -> str:
    elapsed = _ELAPSED.search(section)
    if elapsed:
        return _duration(value, elapsed[1][0].lower(), seconds="s" in bare.lower())
    lowered = re.sub(r"am/pm|a/p", "", bare.lower())
    clock = "h" in lowered or "s" in lowered
    # After hours and before seconds, m stands for minutes.
    dated = re.sub(r"h+[^a-z]*m+|m+[^a-z]*s", "", lowered)
    months, days, years = "m" in dated, "d" in dated, "y" in dated
    if not (months or days or years):
        if not 0 <= value < _LAST_DAY:
            return _general(value, german=german)
        return _time(value, seconds="s" in lowered)
    moment = _moment(value, from_1904=from_1904)
    if moment is None:
        return _general(value, german=german)
    text = _day(moment, days=days, months=months, years=years, german=german)
    return f"{text} {_time(value, seconds='s' in lowered)}" if clock else text


def _day(moment: dt.datetime, *, days: bool, months: bool, years: bool, german: bool) -> str:
    name = _MONTHS[0 if german else 1][moment.month - 1]
    if days and not months:  # a format of only the weekday or the number of the day: the full date is written
        return moment.strftime("%d.%m.%Y" if german else "%Y-%m-%d")
    if days and years:
        return f"{moment:%d.%m.}{moment.year}" if german else moment.date().isoformat()
    if days:
        return f"{moment.day}. {name}" if german else f"{moment.day} {name}"
    if months:
        return f"{name} {moment.year}" if years else name
    return str(moment.year)


def _moment(value: float, *, from_1904: bool) -> dt.datetime | None:
    days = value + 1462 if from_1904 else value
    if not 1 <= days < _LAST_DAY:
        return None
    # The calendar of spreadsheets has a day in 1900 that never existed, 29 February.
    begin = dt.datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001 - spreadsheets know no zones
    return begin + dt.timedelta(seconds=round(days * 86_400))


def _time(value: float, *, seconds: bool) -> str:
    rest = round((value % 1) * 86_400) % 86_400
    hours, minutes, left = rest // 3600, rest // 60 % 60, rest % 60
    return f"{hours:02}:{minutes:02}:{left:02}" if seconds and left else f"{hours:02}:{minutes:02}"


def _duration(value: float, unit: str, *, seconds: bool) -> str:
    total = round(abs(value) * 86_400)
    sign = "-" if value < 0 else ""
    if unit == "s":
        return f"{sign}{total}"
    if unit == "m":
        return f"{sign}{total // 60}:{total % 60:02}" if seconds else f"{sign}{total // 60}"
    end = f":{total % 60:02}" if seconds else ""
    return f"{sign}{total // 3600}:{total // 60 % 60:02}{end}"
