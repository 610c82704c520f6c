"""
An answer as one HTML file: what was asked and answered, each quote with the text around it, and the answer as data.

The page is made from its data and nothing else, so that any reader can make it again: if a single character was
changed, the page is no longer the one that its data gives. It has no scripts, loads nothing, and escapes every text.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from index.errors import RagError
from index.markup.front_matter import front_matter
from index.text.locale import DEFAULT, languages, text
from rag.receipts.claims import FORMAT, Claim, answer_of, not_readable, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from index.types import Document
    from rag.receipts.claims import ClaimedAnswer, ClaimedCitation

AROUND = 300
"""Characters shown before and behind a quote."""
_BEGIN, _END = '<pre id="answer">', "</pre>"
_SURROGATE = re.compile("[\ud800-\udfff]")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """\
body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.55 system-ui,sans-serif;color:#1b1b1b;background:#fff}
a{color:#0b57d0}
h1{font-size:1rem;letter-spacing:.04em;text-transform:uppercase;color:#555}
h2{font-size:1.05rem;margin:2rem 0 .5rem}
.question{font-size:1.25rem;font-weight:600}
.group{font-weight:600;margin:1rem 0 .25rem}
.q{white-space:pre-wrap}
.around{white-space:pre-wrap;color:#555;border-left:3px solid #bbb;padding:.25rem 0 .25rem .9rem;overflow-wrap:anywhere}
mark{background:#fde68a;color:#1b1b1b}
.facts{font-size:.875rem;color:#555;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.75rem}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}h1,.around,.facts{color:#aaa}a{color:#9cc3ff}}
@media print{details{display:none}}"""


def surroundings(document: Document, start: int, end: int) -> tuple[str, str]:
    """Return the text before and after a range of a document, without front matter, cut at whole words."""
    body = front_matter(document.text)[1]
    before = document.text[min(start, max(body, start - AROUND)) : start]
    behind = document.text[end : end + AROUND]
    if len(before) == AROUND and (cut := re.search(r"\s", before)):
        before = before[cut.end() :]
    if len(behind) == AROUND and (cut := re.search(r"\s\S*\Z", behind)):
        behind = behind[: cut.start()]
    return before, behind


def receipt(answer: Mapping[str, Any], around: list[tuple[str, str]], *, made: str, language: str = DEFAULT) -> str:
    """
    Return the receipt of an answer.

    Parameters
    ----------
    answer
        As `rag.types.Answer.to_json` writes it.
    around
        For each citation, the text before and after its quote, see `surroundings`.
    made
        Time at which the receipt is made, ISO 8601.
    language
        Language of the page's own words, ``de`` or ``en``.

    Raises
    ------
    RagError
        It is not an answer.

    """
    payload = {
        "receipt": FORMAT,
        "made": made,
        "language": language,
        "surroundings": [list(one) for one in around],
        "answer": dict(answer),
    }
    return _page(_claim(payload), payload)


def payload_in(page: str) -> Claim:
    """
    Return what a receipt claims.

    Raises
    ------
    RagError
        It is not a receipt, or one of another version.

    """
    begin, end = page.find(_BEGIN), page.rfind(_END)
    if not 0 <= begin < end:
        raise RagError("This page is not a receipt.", hint="Give one that `rag ask --receipt` or the app has saved.")
    payload = parsed(html.unescape(page[begin + len(_BEGIN) : end]))
    if payload.get("receipt") != FORMAT:
        raise RagError(
            f"This receipt is of format {str(payload.get('receipt'))[:20]}; this version reads format {FORMAT}.",
            hint="Check it with the version that made it.",
        )
    claim = _claim(payload)
    made = _page(claim, payload)
    if made == page:
        return claim
    lines = zip_longest(made.split("\n"), page.split("\n"))
    altered = next(number for number, (one, other) in enumerate(lines, start=1) if one != other)
    return claim.model_copy(update={"altered": altered})


def _claim(payload: dict[str, Any]) -> Claim:
    answer = answer_of(payload.get("answer"))
    try:
        claim = Claim.model_validate({**payload, "answer": answer, "altered": 0})
        datetime.fromisoformat(claim.made)
    except ValidationError as error:
        raise not_readable(error, "This is not a receipt, or it is one of another version") from error
    except ValueError as error:
        raise RagError("The receipt does not say when it was made.") from error
    if claim.language not in languages():
        raise RagError(f"The receipt is in an unknown language: {claim.language[:20]!r}.")
    if len(claim.surroundings) != len(answer.citations) or any(len(one) != 2 for one in claim.surroundings):
        raise RagError("The receipt does not have the surroundings of each quote.")
    return claim


def _page(claim: Claim, payload: Mapping[str, Any]) -> str:
    said = claim.answer
    data = json.dumps(payload, ensure_ascii=True, indent=1, allow_nan=False)

    def word(name: str) -> str:
        return _escaped(text(f"receipt.{name}", claim.language))

    models = ", ".join(f"{name} {value}" for name, value in sorted(said.models.items()) if value)
    facts = [f"{word('made')}: {_escaped(claim.made)}"]
    facts += [f"{word('models')}: {_isolated(models)}"] if models else []
    facts += [f"{word('index')}: {_isolated(said.index)}"] if said.index else []
    # What is kept but not shown, such as the evidence, is covered by the digest on the page.
    facts.append(f"{word('data_digest')}: <code>{hashlib.sha256(data.encode()).hexdigest()}</code>")
    cited = "".join(_cited(claim, number, one) for number, one in enumerate(said.citations))
    sources = f"<h2>{word('sources')}</h2>\n{cited}" if cited else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{_escaped(claim.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_escaped(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{word('title')}: {_escaped(said.question)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{word('title')}</h1>\n"
        f'<h2>{word("question")}</h2>\n<p class="question" dir="auto">{_escaped(said.question)}</p>\n'
        f"<h2>{word('answer')}</h2>\n{_answered(said, claim.language)}{sources}"
        f'<p class="facts">{"<br>".join(facts)}</p>\n'
        f'<p class="facts">{word("check")} <code>rag verify</code>: {word("check_means")}</p>\n'
        f"<details>\n<summary>{word('data')}</summary>\n{_BEGIN}{_escaped(data)}{_END}\n</details>\n</main>\n</body>\n</html>\n"
    )


def _answered(said: ClaimedAnswer, language: str) -> str:
    """Render the sentences in order, each label once, each sentence with the numbers of its quotes."""
    shown = [one for one in said.sentences if one.status != "withdrawn"]
    if not shown:
        return f'<p dir="auto">{_escaped(said.answer)}</p>\n'
    lines: list[str] = []
    label = ""
    for one in shown:
        if one.group != label:
            label = one.group
            lines.append(f'<p class="group">{_isolated(label)}</p>' if label else "")
        marks = "".join(f' <a href="#q{number + 1}">[{number + 1}]</a>' for number in one.citations)
        own = f"{_escaped(text('receipt.model', language))}: " if one.wording == "model" else ""
        words = _isolated(one.text)
        lines.append(f'<p class="q">{own}{f"<em>{words}</em>" if own else words}{marks}</p>')
    silent = _escaped(text("receipt.silent", language))
    lines += [f"<p>{silent}: {_isolated(part)}</p>" for part in said.unanswered]
    return "".join(f"{line}\n" for line in lines if line)


def _cited(claim: Claim, number: int, one: ClaimedCitation) -> str:
    """Render a quote with the text around it, and its place below."""

    def word(name: str) -> str:
        return _escaped(text(f"receipt.{name}", claim.language))

    before, behind = claim.surroundings[number]
    place = f"{word('file')}: {_isolated(one.path)}, {word('characters')} {one.start}–{one.end}"
    if one.page is not None:
        label = f" ({_isolated(one.page_label)})" if one.page_label else ""
        place += f", {word('page')} {one.page}{label}"
    place += f", {word('machine_read')}" if one.machine_read else ""
    return (
        f'<section id="q{number + 1}">\n<p class="group">[{number + 1}] {_isolated(one.title)}</p>\n'
        f'<p class="around" dir="auto">{_escaped(before)}<mark>{_escaped(one.quote)}</mark>{_escaped(behind)}</p>\n'
        f'<p class="facts">{place}<br>{word("digest")}: <code>{_escaped(one.document_sha256)}</code></p>\n</section>\n'
    )


def _escaped(value: str) -> str:
    """Return a text as HTML; characters that UTF-8 cannot hold, or that HTML reads as a line feed, are replaced."""
    return html.escape(_SURROGATE.sub("\ufffd", value), quote=True).replace("\r", "&#13;")


def _isolated(value: str) -> str:
    """Return a text as HTML, with its writing direction isolated."""
    return f"<bdi>{_escaped(value)}</bdi>"
