"""Read what has been filled in: the values of a form's fields, and text that was written onto a page as a remark."""

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
        Its value, empty where nothing has been filled in, or a box for one to be ticked.
    box
        Where it stands on the page.
    name
        What the form calls it, for one that has no words beside it.
    ticked
        Whether it is a box to be ticked: its words stand behind it.

    """

    text: str
    box: Box
    name: str = ""
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Annotations:
    """What is laid over a page: what is filled in, and the boxes of what is struck out."""

    filled: tuple[Filled, ...] = ()
    struck: tuple[Box, ...] = ()


def over(pdf: Any, page: Any) -> Annotations:
    """
    Read what is laid over a page.

    Parameters
    ----------
    pdf
        Of pypdfium2, with `init_forms` called where it has a form.
    page
        Of pypdfium2; to be used while it is open.

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
    """Yield what a list shows as chosen, which need not be what it keeps."""
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
    """Return what a function of PDFium writes into a buffer, as UTF-16 with an end's mark."""
    size = read(None, 0)
    if size <= 2 or size > 2 * _MOST_LETTERS:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    read(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace")
