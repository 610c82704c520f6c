"""Call PDFium for single letters and lines without the cost of ctypes' checks: thousands of calls per page."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

# Functions for a letter, a text object or a path; addresses are passed as integers.
_SIGNATURES = {
    "FPDFText_GetTextObject": "pi:p",
    "FPDFText_GetLooseCharBox": "pip:i",
    "FPDFText_GetMatrix": "pip:i",
    "FPDFText_GetFontSize": "pi:d",
    "FPDFText_GetFillColor": "pipppp:i",
    "FPDFTextObj_GetTextRenderMode": "p:i",
    "FPDFTextObj_GetFont": "p:p",
    "FPDFPage_GetObject": "pi:p",
    "FPDFPageObj_GetType": "p:i",
    "FPDFPageObj_GetBounds": "ppppp:i",
    "FPDFPageObj_GetFillColor": "ppppp:i",
    "FPDFPageObj_GetStrokeColor": "ppppp:i",
    "FPDFPath_GetDrawMode": "ppp:i",
    "FPDFPath_CountSegments": "p:i",
}
_TYPES = {"p": ctypes.c_void_p, "i": ctypes.c_int, "d": ctypes.c_double}


@cache
def call(name: str) -> Any:
    """Return a function of PDFium that takes handles and buffers as addresses."""
    from pypdfium2 import raw  # noqa: PLC0415 - an extra

    arguments, result = _SIGNATURES[name].split(":")
    pointer = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    if pointer is None:
        raise AssertionError("unreachable: the library has the function")
    return ctypes.CFUNCTYPE(_TYPES[result], *(_TYPES[one] for one in arguments))(pointer)


def address(handle: Any) -> int:
    """Return the address of the object that a handle of pypdfium2 refers to."""
    return ctypes.cast(getattr(handle, "raw", handle), ctypes.c_void_p).value or 0


class Numbers:
    """
    A buffer of four numbers that PDFium writes.

    Parameters
    ----------
    kind
        Their ctypes type, of four bytes.

    Attributes
    ----------
    values
        The numbers written last.
    at
        The address of each number.

    """

    def __init__(self, kind: Any) -> None:
        self.values = (kind * 4)()
        first = ctypes.addressof(self.values)
        self.at = (first, first + 4, first + 8, first + 12)


def text_of(textpage: Any) -> str:
    """Return a page's text with one character for each that PDFium counts."""
    from pypdfium2 import raw  # noqa: PLC0415 - an extra

    count = textpage.count_chars()
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 2))()
    written = raw.FPDFText_GetText(textpage, 0, count, buffer) - 1  # the last one is the terminator
    if written == count:
        text = bytes(buffer)[: 2 * count].decode("utf-16-le", "surrogatepass")
        if len(text) == count and not any("\ud800" <= one <= "\udfff" for one in text):
            return text
    # The text omits letters without a known character, and some take two places in it.
    codes = [raw.FPDFText_GetUnicode(textpage, place) for place in range(count)]
    return "".join(chr(code) if 0 < code <= 0x10FFFF else "\ufffd" for code in codes)
