"""What the page shows before anything is asked: a description of the articles, and a question of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.render.escaping import escape, isolated
from ui.render.texts import format_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.exploring.about import About, NamedArticle
    from rag.exploring.examples import Example
    from rag.kinds.types import Kind
    from ui.render.texts import Texts


def first_screen_html(about: About, examples: Sequence[Example], texts: Texts) -> str:
    """
    Render a description of the articles, and questions to click; nothing if there are no articles.

    Parameters
    ----------
    about, examples
        See `rag.RAG.about` and `rag.RAG.examples`.
    texts
        Language of the page.

    """
    if not about.articles:
        return ""
    titles = "".join(_title(one, texts) for one in about.named)
    rest = ""
    if about.unnamed:
        words = texts.collection_rest_one if about.unnamed == 1 else texts.collection_rest
        rest = f'<li class="q-more">{escape(words.format(count=about.unnamed))}</li>'
    kinds = "".join(_example(one, texts) for one in examples)
    asks = f'<h3>{escape(texts.kinds_title)}</h3><ul class="q-kinds">{kinds}</ul>' if kinds else ""
    return f'<p class="q-what">{_what(about, texts)}</p><ul class="q-titles">{titles}{rest}</ul>{asks}'


def _what(about: About, texts: Texts) -> str:
    """Render the articles' number, dates, subjects and sources."""
    number = texts.collection_one if about.articles == 1 else texts.collection_many.format(count=about.articles)
    dates = list(dict.fromkeys(format_date(date, texts.language) for date in (about.first_date, about.last_date)))
    when = ""
    if about.first_date:
        when = f", {dates[0] if len(dates) == 1 else texts.collection_when.format(first=dates[0], last=dates[1])}"
    lines = [f'<span class="q-count">{escape(number)}</span>{escape(when)}.']
    if about.topics:
        lines.append(_filled(texts.collection_about, "topics", about.topics, texts))
    if about.sources:
        lines.append(_filled(texts.collection_from, "sources", about.sources, texts, last=", "))
    return " ".join(lines)


def _filled(words: str, name: str, items: Sequence[str], texts: Texts, *, last: str = "") -> str:
    """Render a sentence filled with a list of words from the articles."""
    before, _, after = words.partition(f"{{{name}}}")
    shown = [isolated(one) for one in items]
    listed = (last or f" {escape(texts.and_last)} ").join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
    return f"{escape(before)}{listed}{escape(after)}"


def _title(article: NamedArticle, texts: Texts) -> str:
    date = f' <span class="q-date">{escape(format_date(article.date, texts.language))}</span>' if article.date else ""
    return (
        f'<li><button type="button" class="q-named" data-path="{escape(article.path)}" '
        f'title="{escape(texts.article_label)}">{isolated(article.title)}</button>{date}</li>'
    )


def _example(example: Example, texts: Texts) -> str:
    label = _labels(texts).get(example.kind, "")
    return (
        f'<li><span class="q-kind">{escape(label)}</span>'
        f'<button type="button" class="q-example" dir="auto">{escape(example.question)}</button></li>'
    )


def _labels(texts: Texts) -> dict[Kind, str]:
    return {
        "fact": texts.kind_fact,
        "yes_no": texts.kind_yes_no,
        "explanation": texts.kind_explanation,
        "list": texts.kind_list,
        "comparison": texts.kind_comparison,
        "timeline": texts.kind_timeline,
        "summary": texts.kind_summary,
    }
