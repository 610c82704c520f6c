"""Word files written as XML, and the text read from them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from tests.files import make_docx, make_zip

if TYPE_CHECKING:
    from collections.abc import Mapping

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def read(
    *elements: str,
    notes: Mapping[str, str] | None = None,
    endnotes: Mapping[str, str] | None = None,
    header: str = "",
    styles: str = "",
    numbering: str = "",
) -> str:
    """
    Return the text read from a document with these elements in its body. They are given without namespaces.

    ``styles`` and ``numbering`` are elements that extend or replace those of an empty document.
    """
    from index.reading.extraction import word

    return word.extract(
        make(*elements, notes=notes, endnotes=endnotes, header=header, styles=styles, numbering=numbering)
    ).text


def make(
    *elements: str,
    notes: Mapping[str, str] | None = None,
    endnotes: Mapping[str, str] | None = None,
    header: str = "",
    styles: str = "",
    numbering: str = "",
) -> bytes:
    """Return a document; see `read`."""
    from docx.oxml import parse_xml

    def write(document: Any) -> None:
        body = document.element.body
        for element in elements:
            name, rest = element[1:].split(">", 1)
            body.insert(len(body) - 1, parse_xml(f"<{name} {SPACES}>{rest}"))
        if header:
            document.sections[0].header.paragraphs[0].text = header
        if styles:
            root = document.styles.element
            for one in parse_xml(f"<w:styles {SPACES}>{styles}</w:styles>"):
                for old in root.findall(one.tag):
                    named = old.get(f"{{{_W}}}styleId") == one.get(f"{{{_W}}}styleId")
                    if named:
                        root.remove(old)
                root.append(one)
        if numbering:
            root = document.part.numbering_part.element
            root[:] = list(parse_xml(f"<w:numbering {SPACES}>{numbering}</w:numbering>"))

    data = make_docx(write)
    for name, texts in (("footnote", notes), ("endnote", endnotes)):
        data = _with_notes(data, name, texts) if texts else data
    return data


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _with_notes(data: bytes, name: str, notes: Mapping[str, str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    body = "".join(f'<w:{name} w:id="{id_}"><w:p>{run(text)}</w:p></w:{name}>' for id_, text in notes.items())
    parts[f"word/{name}s.xml"] = f"<w:{name}s {SPACES}>{body}</w:{name}s>".encode()
    types = f'<Override PartName="/word/{name}s.xml" ContentType="{_KIND}.{name}s+xml"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types.encode())
    added = f'<Relationship Id="r{name}" Type="{_RELATION}/{name}s" Target="{name}s.xml"/></Relationships>'
    rels = "word/_rels/document.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", added.encode())
    return make_zip(parts)


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{''.join(runs)}</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(text)) if text else '<w:p/>'}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(*rows: str, properties: str = "") -> str:
    return f"<w:tbl>{f'<w:tblPr>{properties}</w:tblPr>' if properties else ''}{''.join(rows)}</w:tbl>"


def style(id_: str, inner: str, *, kind: str = "paragraph", based_on: str = "", more: str = "") -> str:
    parent = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return f'<w:style w:type="{kind}" w:styleId="{id_}" {more}><w:name w:val="{id_}"/>{parent}{inner}</w:style>'
