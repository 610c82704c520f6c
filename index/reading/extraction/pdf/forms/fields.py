"""Read what has been filled in: the values of a form's fields, and text that was added to a page as an annotation."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.reading.extraction.pdf.types import Box

_UNSEEN = 0x2 | 0x20  # flags of an annotation: hidden, not shown
_PASSWORD = 1 << 13  # a flag of a text field
_MOST = 500  # annotations of a page
_MOST_LETTERS = 20_000  # of one value
CHECKED, UNCHECKED = "☒", "☐"


@dataclass(frozen=True, slots=True)
class Filled:
    """
    What a field of a form shows.

    Parameters
    ----------
    text
        Its value, empty if nothing has been filled in; for a check box the sign of a box.
    box
        Its place on the page.
    name
        Its name in the form, for fields without words beside them.
    ticked
        Whether it is a check box: its words stand behind it.

    """

    text: str
    box: Box
    name: str = ""
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Annotations:
    """The annotations of a page: what is filled in, and the boxes of struck-out text."""

    filled: tuple[Filled, ...] = ()
    struck: tuple[Box, ...] = ()


def over(pdf: Any, page: Any) -> Annotations:
    """
    Read the annotations of a page.

    Parameters
    ----------
    pdf
        The document of pypdfium2, with `init_forms` called if it has a form.
    page
        The page of pypdfium2, which must be open.

    """
    from pypdfium2 import raw  # noqa: PLC0415 - an extra

    count = min(raw.FPDFPage_GetAnnotCount(page), _MOST)
    filled: list[Filled] = []
    struck: list[Box] = []
    for number in range(count):
        note = raw.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        try:
            if raw.FPDFAnnot_GetFlags(note) & _UNSEEN:
                continue
            kind = raw.FPDFAnnot_GetSubtype(note)
            if kind == raw.FPDF_ANNOT_WIDGET and pdf.formenv is not None:
                filled += _field(raw, pdf.formenv, note)
            elif kind == raw.FPDF_ANNOT_FREETEXT:
                text = _string(
                    lambda buffer, size, note=note: raw.FPDFAnnot_GetStringValue(note, b"Contents", buffer, size)
                )
                filled += [Filled(text, box) for box in _boxes(raw, note) if text.strip()]
            elif kind == raw.FPDF_ANNOT_STRIKEOUT:
                struck += _marked(raw, note)
        finally:
            raw.FPDFPage_CloseAnnot(note)
    return Annotations(tuple(filled), tuple(struck))


def _field(raw: Any, form: Any, note: Any) -> Iterator[Filled]:
    kind = raw.FPDFAnnot_GetFormFieldType(form, note)
    for box in _boxes(raw, note):
        name = _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldAlternateName(form, note, buffer, size))
        name = name or _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldName(form, note, buffer, size))
        if kind in {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}:
            yield Filled(CHECKED if raw.FPDFAnnot_IsChecked(form, note) else UNCHECKED, box, name, ticked=True)
            continue
        if kind not in {raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX}:
            continue  # buttons and signatures
        if kind == raw.FPDF_FORMFIELD_TEXTFIELD and raw.FPDFAnnot_GetFormFieldFlags(form, note) & _PASSWORD:
            continue
        text = "" if kind == raw.FPDF_FORMFIELD_TEXTFIELD else ", ".join(_chosen(raw, form, note))
        text = text or _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form, note, buffer, size))
        yield Filled(" ".join(text.split()), box, name)


def _chosen(raw: Any, form: Any, note: Any) -> Iterator[str]:
    """Yield the chosen entries as a list shows them, which may differ from the stored values."""
    for number in range(min(raw.FPDFAnnot_GetOptionCount(form, note), _MOST)):
        if raw.FPDFAnnot_IsOptionSelected(form, note, number):
            yield _string(
                lambda buffer, size, number=number: raw.FPDFAnnot_GetOptionLabel(form, note, number, buffer, size)
            )


def _boxes(raw: Any, note: Any) -> Iterator[Box]:
    rect = raw.FS_RECTF()
    if raw.FPDFAnnot_GetRect(note, rect) and rect.right > rect.left and rect.top > rect.bottom:
        yield rect.left, rect.bottom, rect.right, rect.top


def _marked(raw: Any, note: Any) -> Iterator[Box]:
    points = raw.FS_QUADPOINTSF()
    for number in range(min(raw.FPDFAnnot_CountAttachmentPoints(note), _MOST)):
        if raw.FPDFAnnot_GetAttachmentPoints(note, number, points):
            along = (points.x1, points.x2, points.x3, points.x4)
            high = (points.y1, points.y2, points.y3, points.y4)
            yield min(along), min(high), max(along), max(high)


def _string(read: Any) -> str:
    """Return the text that a function of PDFium writes into a buffer, as UTF-16 with a terminator."""
    size = read(None, 0)
    if size <= 2 or size > 2 * _MOST_LETTERS:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    read(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace")
