"""Translate signs of Symbol and Wingdings to Unicode: their codes are those of letters, their shapes are pictures."""

from __future__ import annotations

# From 0x20 on, and from 0xA0 on; a blank stands for signs that Unicode lacks, such as parts of tall brackets.
_SYMBOL_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…   ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑"
_SYMBOL = {
    **{0x20 + place: sign for place, sign in enumerate(_SYMBOL_LOW)},
    **{0xA0 + place: sign for place, sign in enumerate(_SYMBOL_HIGH) if sign != " "},
    0xF1: "〉",
    0xF2: "∫",
}
_WINGDINGS = {
    0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x46: "☞", 0x4A: "☺", 0x4C: "☹", 0x4E: "☠", 0x6C: "●", 0x6E: "■", 0x6F: "☐",
    0x71: "☐", 0x72: "☐", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x9F: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "☐", 0xAB: "★",
    0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧",
    0xF2: "⇩", 0xF3: "⬄", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    0x80: "⓪", **{0x81 + place: chr(0x2460 + place) for place in range(10)},
    0x8B: "⓿", **{0x8C + place: chr(0x2776 + place) for place in range(10)},
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x98: "●", 0xA2: "■", 0xA3: "☐"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}
_PRIVATE = 0xF000  # files shift the codes of such fonts to this private range


def symbol(font: str, number: int) -> str:
    """Return a font's sign in Unicode, empty if it is not known."""
    place = number - _PRIVATE if _PRIVATE <= number <= _PRIVATE + 0xFF else number
    known = _FONTS.get(font.lower())
    if known is not None:
        return known.get(place, "")
    # In any other font the number is a Unicode code point, unless it is in the private range.
    return chr(number) if 0x20 <= number < 0xD800 else ""


def in_font(text: str, font: str) -> str:
    """Return a text set in a font of signs in Unicode; text in any other font is unchanged."""
    known = _FONTS.get(font.lower())
    if known is None:
        return text
    return "".join(
        known.get(number - _PRIVATE if number >= _PRIVATE else number, sign) for sign in text if (number := ord(sign))
    )
