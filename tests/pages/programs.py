"""Set the documents of `tests.pages.documents` with three programs: a browser, LaTeX and LibreOffice."""

from __future__ import annotations

import re
import subprocess
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tests.pages.documents import Block, Columns, Document, Grid, Heading, Items, Margin, Picture, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTE = re.compile(r"\{\{(.*?)\}\}")
_BOX = "background:#bcd;width:220px;height:120px"


def made(document: Document) -> bytes:
    """Return a document as PDF."""
    with tempfile.TemporaryDirectory() as folder:
        return {"chromium": _chromium, "latex": _latex, "libreoffice": _libreoffice}[document.program](
            document, Path(folder)
        )


def _run(*command: str | Path, folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=100)


# A browser.


def _chromium(document: Document, folder: Path) -> bytes:
    size = f"{document.paper}{' landscape' if 'landscape' in document.options else ''}"
    notes: list[str] = []
    body = _html(document.blocks, notes)
    if notes:
        parts = body.split("‖")
        marks = [len(re.findall("<sup>", part)) for part in parts]
        pages = []
        for part, count in zip(parts, marks, strict=True):
            under = "".join(notes[:count])
            del notes[:count]
            pages.append(f"<section>{part}<footer>{under}</footer></section>")
        body = "</p>".join(pages[:1]) + "".join(
            page.replace("<section>", "<section><p class=on>", 1) for page in pages[1:]
        )
    head = f"@top-left {{ content: '{document.head}'; font-size: 9pt }}" if document.head else ""
    style = (
        f"@page {{ size: {size}; margin: 25mm 20mm; {head} @bottom-center {{ content: 'Seite ' counter(page); font-size: 9pt }} }}"
        "body { font: 11pt/1.35 'Liberation Serif', 'DejaVu Serif', serif; margin: 0; hyphens: auto; text-align: justify }"
        "h1, h2 { font-family: 'DejaVu Sans', sans-serif; text-align: left } td, th { padding: 3px 12px; text-align: left }"
        "table { border-collapse: collapse } .lined td, .lined th { border: 1px solid #555 }"
        "section { position: relative; height: 235mm; break-after: page } .on { text-indent: 0 }"
        "footer { position: absolute; bottom: 0; font-size: 8.5pt; border-top: 1px solid #000; padding-top: 4px; width: 60% }"
        "figure { margin: 12px 0 } sup { line-height: 0 }"
    )
    page = f'<!DOCTYPE html><html lang="de"><meta charset="utf-8"><style>{style}</style><body>{body}'
    (folder / "page.html").write_text(page, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    _run("chromium", *options, f"--print-to-pdf={folder / 'page.pdf'}", folder / "page.html", folder=folder)
    return (folder / "page.pdf").read_bytes()


def _html(blocks: Sequence[Block], notes: list[str]) -> str:
    def text(one: str) -> str:
        def mark(found: re.Match[str]) -> str:
            number = sum("<div>" in note for note in notes) + 1
            notes.append(f"<div>{number} {found[1]}</div>")
            return f"<sup>{number}</sup>"

        return _NOTE.sub(mark, escape(one, quote=False))

    parts = []
    for block in blocks:
        match block:
            case Heading():
                parts.append(f"<h{block.level}>{text(block.text)}</h{block.level}>")
            case Text():
                parts.append(f"<p>{text(block.text)}</p>")
            case Items():
                parts.append(f"<ul>{''.join(f'<li>{text(one)}</li>' for one in block.texts)}</ul>")
            case Columns():
                parts.append(f"<div style='columns:{block.count};column-gap:22px'>{_html(block.blocks, notes)}</div>")
            case Picture(beside=True):
                aside = f"<div style='{_BOX}'></div><figcaption style='width:170px'>{block.caption}</figcaption>"
                parts.append(
                    f"<figure style='display:flex;gap:14px;align-items:center;text-align:left'>{aside}</figure>"
                )
            case Picture():
                parts.append(f"<figure><div style='{_BOX}'></div><figcaption>{block.caption}</figcaption></figure>")
            case Grid():
                head, *rows = block.rows
                cells = "".join(f"<th>{one}</th>" for one in head)
                body = "".join(f"<tr>{''.join(f'<td>{one}</td>' for one in row)}</tr>" for row in rows)
                caption = f"<p>{block.caption}</p>" if block.caption else ""
                kind = " class=lined" if block.lined else ""
                parts.append(f"{caption}<table{kind}><thead><tr>{cells}</tr></thead>{body}</table>")
            case Margin():
                raise AssertionError("only LaTeX sets notes in the margin")
    return "\n".join(parts)


# LaTeX.

_SIGNS = str.maketrans({"€": r"\texteuro{}", "%": r"\%", "&": r"\&", "°": r"\textdegree{}", "–": "--", "_": r"\_"})


def _latex(document: Document, folder: Path) -> bytes:
    options = ["11pt", f"{document.paper}paper", *(["twocolumn"] if "twocolumn" in document.options else [])]
    margin = "2.2cm" if document.paper == "a4" else "1.8cm"
    head = (
        rf"\usepackage{{fancyhdr}}\pagestyle{{fancy}}\fancyhf{{}}\fancyhead[C]{{{document.head}}}\fancyfoot[C]{{\thepage}}"
        if document.head
        else ""
    )
    source = "\n".join(
        (
            rf"\documentclass[{','.join(options)}]{{article}}",
            r"\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage[ngerman]{babel}\usepackage{textcomp}",
            # One font for all sizes keeps the files small.
            r"\DeclareFontFamily{T1}{one}{}\DeclareFontShape{T1}{one}{m}{n}{<->ec-lmr10}{}",
            r"\DeclareFontFamily{TS1}{one}{}\DeclareFontShape{TS1}{one}{m}{n}{<->ts1-lmr10}{}",
            r"\DeclareEncodingSubset{TS1}{one}{0}",
            r"\DeclareFontShape{T1}{one}{bx}{n}{<->ec-lmbx10}{}\renewcommand{\rmdefault}{one}",
            r"\usepackage{multicol,booktabs,longtable,array}",
            rf"\usepackage[margin={margin},headheight=14pt]{{geometry}}{head}\setlength{{\marginparwidth}}{{1.5cm}}",
            r"\begin{document}",
            _tex(document.blocks, "longtable" in document.options),
            r"\end{document}",
        )
    )
    (folder / "page.tex").write_text(source, encoding="utf-8")
    for _ in range(2 if "longtable" in document.options else 1):
        _run("pdflatex", "-interaction=nonstopmode", "page.tex", folder=folder)
    return (folder / "page.pdf").read_bytes()


def _tex(blocks: Sequence[Block], long: bool = False) -> str:
    def text(one: str) -> str:
        return _NOTE.sub(r"\\footnote{\1}", one.translate(_SIGNS))

    parts = []
    for block in blocks:
        match block:
            case Heading(level=1):
                parts.append(rf"\section*{{\LARGE {text(block.text)}}}")
            case Heading():
                parts.append(rf"\section*{{{text(block.text)}}}")
            case Text():
                parts.append(text(block.text) + "\n")
            case Items():
                parts.append(
                    r"\begin{itemize}" + "".join(rf"\item {text(one)}" + "\n" for one in block.texts) + r"\end{itemize}"
                )
            case Columns():
                parts.append(rf"\begin{{multicols}}{{{block.count}}}{_tex(block.blocks)}\end{{multicols}}")
            case Margin():
                parts.append(rf"\marginpar{{\footnotesize {text(block.text)}}}%")
            case Picture():
                parts.append(rf"\begin{{center}}\rule{{6cm}}{{3cm}}\par {text(block.caption)}\end{{center}}")
            case Grid():
                head, *rows = [" & ".join(map(text, row)) + r" \\" for row in block.rows]
                wall = "|" if block.lined else ""
                columns = wall + wall.join("l" * len(block.rows[0])) + wall
                top, line, end = (r"\hline", r"\hline", r"\hline") if block.lined else (r"\toprule", "", r"\bottomrule")
                below = r"\hline" if block.lined else r"\midrule"
                body = "\n".join(f"{row} {line}" for row in rows[:-1])
                if long:
                    parts.append(
                        rf"\begin{{longtable}}{{{columns}}} {top} {head} {below} \endhead {body} {rows[-1]} {end}"
                        r"\end{longtable}"
                    )
                    continue
                caption = f"{text(block.caption)}\\\\[4pt]" if block.caption else ""
                parts.append(
                    rf"\begin{{center}}{caption}\begin{{tabular}}{{{columns}}} {top} {head} {below} {body}"
                    rf" {rows[-1]} {end} \end{{tabular}}\end{{center}}"
                )
    return "\n".join(parts)


# LibreOffice, from its flat XML format.

_FLAT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:margin-bottom="0.2cm" fo:text-align="justify"/>
<style:text-properties style:font-name="Liberation Serif" fo:font-family="Liberation Serif" fo:font-size="11pt" fo:language="de"
 fo:country="DE" fo:hyphenate="true"/></style:default-style>
<style:style style:name="H1" style:family="paragraph"><style:text-properties fo:font-size="18pt" fo:font-weight="bold"/></style:style>
<style:style style:name="H2" style:family="paragraph"><style:text-properties fo:font-size="14pt" fo:font-weight="bold"/></style:style>
<style:style style:name="Cell" style:family="paragraph"><style:paragraph-properties fo:margin-bottom="0cm" fo:text-align="left"/></style:style>
<style:style style:name="Footnote" style:family="paragraph"><style:text-properties fo:font-size="9pt"/></style:style>
</office:styles><office:automatic-styles>
<style:page-layout style:name="L"><style:page-layout-properties fo:page-width="{width}" fo:page-height="{height}" fo:margin="2cm"/>
<style:header-style><style:header-footer-properties fo:margin-bottom="0.5cm"/></style:header-style>
<style:footer-style><style:header-footer-properties fo:margin-top="0.5cm"/></style:footer-style></style:page-layout>
<style:style style:name="lined" style:family="table-cell"><style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="0.1cm"/></style:style>
<style:style style:name="open" style:family="table-cell"><style:table-cell-properties fo:padding="0.1cm"/></style:style>
<style:style style:name="C2" style:family="section"><style:section-properties><style:columns fo:column-count="2" fo:column-gap="0.7cm"/></style:section-properties></style:style>
<style:style style:name="C3" style:family="section"><style:section-properties><style:columns fo:column-count="3" fo:column-gap="0.6cm"/></style:section-properties></style:style>
</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L">
{head}<style:footer><text:p text:style-name="Cell"><text:page-number>1</text:page-number></text:p></style:footer>
</style:master-page></office:master-styles><office:body><office:text>{body}</office:text></office:body></office:document>"""


def _libreoffice(document: Document, folder: Path) -> bytes:
    width, height = {"a4": ("21cm", "29.7cm"), "a5": ("14.8cm", "21cm")}[document.paper]
    head = f"<style:header><text:p>{document.head}</text:p></style:header>" if document.head else ""
    source = _FLAT.format(width=width, height=height, head=head, body=_flat(document.blocks))
    (folder / "page.fodt").write_text(source, encoding="utf-8")
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    _run("soffice", profile, "--headless", "--convert-to", "pdf", "page.fodt", folder=folder)
    return (folder / "page.pdf").read_bytes()


def _flat(blocks: Sequence[Block]) -> str:
    count = iter(range(1, 100))

    def text(one: str) -> str:
        return _NOTE.sub(
            lambda found: (
                f'<text:note text:note-class="footnote" text:id="n{next(count)}"><text:note-citation/><text:note-body>'
                f'<text:p text:style-name="Footnote">{found[1]}</text:p></text:note-body></text:note>'
            ),
            escape(one, quote=False),
        )

    parts = []
    for block in blocks:
        match block:
            case Heading():
                parts.append(
                    f'<text:h text:style-name="H{block.level}" text:outline-level="{block.level}">{text(block.text)}</text:h>'
                )
            case Text():
                parts.append(f"<text:p>{text(block.text)}</text:p>")
            case Items():
                items = "".join(f"<text:list-item><text:p>{text(one)}</text:p></text:list-item>" for one in block.texts)
                parts.append(f"<text:list>{items}</text:list>")
            case Columns():
                inner = _flat(block.blocks)
                parts.append(
                    f'<text:section text:style-name="C{block.count}" text:name="S{len(parts)}">{inner}</text:section>'
                )
            case Grid():
                kind = "lined" if block.lined else "open"
                head, *rows = [
                    "<table:table-row>"
                    + "".join(
                        f'<table:table-cell table:style-name="{kind}"><text:p text:style-name="Cell">{text(one)}</text:p></table:table-cell>'
                        for one in row
                    )
                    + "</table:table-row>"
                    for row in block.rows
                ]
                caption = f"<text:p>{text(block.caption)}</text:p>" if block.caption else ""
                columns = f'<table:table-column table:number-columns-repeated="{len(block.rows[0])}"/>'
                named = f"<table:table-header-rows>{head}</table:table-header-rows>"
                parts.append(f"{caption}<table:table>{columns}{named}{''.join(rows)}</table:table>")
            case Picture() | Margin():
                raise AssertionError("neither is set with LibreOffice here")
    return "\n".join(parts)
