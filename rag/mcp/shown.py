"""The results of tools as text, for assistants that do not read structured results."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.mcp.forms import Answered, Articles, Excerpt, Found


def answer_text(answered: Answered) -> str:
    """Return the answer's sentences with numbers, and below them the citations that these stand for."""
    lines = []
    for sentence in answered.sentences:
        if sentence.status == "withdrawn":
            continue
        numbers = "".join(f" [{number + 1}]" for number in sentence.citations)
        lines.append(f"{sentence.text}{numbers}{' (translation, not checked)' if sentence.wording == 'model' else ''}")
    if not lines:
        lines.append(answered.answer)
    for number, cited in enumerate(answered.citations, start=1):
        lines.append(f"[{number}] {cited.path}:{cited.start}-{cited.end} ({cited.title}): {cited.quote}")
    if answered.abstained and answered.evidence:
        lines.append("Nearest:")
        lines += [f"- {near.path}:{near.start}-{near.end}: {near.text}" for near in answered.evidence]
    return "\n".join(lines)


def found_text(found: Found) -> str:
    """Return the passages with their places."""
    hits = [f"{hit.path}:{hit.start}-{hit.end} ({hit.title}, {hit.score:.2f})\n{hit.text}" for hit in found.hits]
    return "\n\n".join(hits) or "Nothing was found."


def excerpt_text(excerpt: Excerpt) -> str:
    """Return the excerpt's text, with its place above it."""
    place = f"{excerpt.path}:{excerpt.start}-{excerpt.end} of {excerpt.length} ({excerpt.title})"
    return f"{place}\n{excerpt.text}"


def articles_text(articles: Articles) -> str:
    """Return a line for each article."""
    lines = [f"{one.path}: {', '.join(filter(None, (one.title, one.source, one.date)))}" for one in articles.articles]
    rest = "" if articles.next is None else f"; more from offset {articles.next}"
    others = [f"Other collections: {', '.join(articles.collections)}"] if articles.collections else []
    return "\n".join([f"{articles.total} articles{rest}", *others, *lines])
