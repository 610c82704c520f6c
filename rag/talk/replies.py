"""Put a reply together: a line for the occasion, what the articles are, and questions that they answer."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.locale import languages, text
from rag.exploring.about import about_of
from rag.exploring.examples import examples_of, facts
from rag.talk.occasions import occasion_of
from rag.types import AnswerSentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.storage.reader import Index
    from rag.exploring.about import About
    from rag.kinds.types import Kind

OFFERED = 3
_TITLES = 3
_SUBJECTS = 4
_LONGEST_TITLE = 110
_LINES = {
    "greeting": "talk.greeting",
    "wellbeing": "talk.wellbeing",
    "thanks": "talk.thanks",
    "farewell": "talk.farewell",
    "abilities": "talk.abilities",
    "articles": "talk.articles",
    "identity": "talk.identity",
    "human": "talk.human",
    "praise": "talk.praise",
    "blame": "talk.blame",
    "agreement": "talk.agreement",
    "chat": "talk.chat",
    "other": "talk.other",
}
_MARKS = {"de": "„{}“", "en": "“{}”"}


@dataclass(frozen=True, slots=True)
class Reply:
    """
    What the app says by itself.

    Parameters
    ----------
    sentences
        In the app's own words (``wording`` is ``app``), without citations, all ``kept``.
    following
        Questions that the articles answer, at most `OFFERED`.
    occasion
        What was said, see `rag.talk.occasions`; ``other`` if something was wanted that the app does not do.

    """

    sentences: tuple[AnswerSentence, ...]
    following: tuple[str, ...]
    occasion: str

    @property
    def text(self) -> str:
        """The sentences, joined."""
        return " ".join(sentence.text for sentence in self.sentences)


def reply(
    said: str,
    index: Index,
    *,
    kind: Kind = "talk",
    language: str = "de",
    vector: NDArray[np.float32] | None = None,
    known: Sequence[str] = (),
    asked: Sequence[str] = (),
) -> Reply:
    """
    Answer input that is not a question about the articles.

    Parameters
    ----------
    said
        What was said, as it was typed.
    index
        The articles.
    kind
        ``talk``, or ``other`` for something that the app does not do.
    language
        Language of the reply, ``de`` or ``en``.
    vector
        The query vector of ``said`` by the embedding model of `rag.kinds.fits`; None if there is none.
    known
        Questions in that language that are known to be answered; they are offered first.
    asked
        Questions not to offer.

    """
    occasion = "other" if kind == "other" else occasion_of(said, vector).name
    about = about_of(index)
    lines = (
        " ".join(text(_LINES[occasion], language).split()),
        described(about, language, by_title=occasion == "articles"),
    )
    return Reply(
        tuple(AnswerSentence(line, 1.0, "kept", wording="app") for line in lines),
        _offers(index, about, language, known, {question.casefold() for question in (said, *asked)}),
        occasion,
    )


def prepare(index: Index) -> None:
    """Compute in advance what `reply` needs about the articles, so that the first reply is as quick as the next."""
    about_of(index)
    occasion_of("")
    for language in languages():
        examples_of(index, language)


def described(about: About, language: str, *, by_title: bool = False) -> str:
    """Return a line or two on what the articles are: their titles if wanted, else their subjects."""
    if not about.articles:
        return text("talk.no_articles", language)
    titles = [_marked(one.title, language) for one in about.named[:_TITLES]]
    if about.articles == 1:
        return text("talk.one_article", language).format(title=about.named[0].title)
    if by_title:
        return text("talk.named", language).format(count=about.articles, titles=_listed(titles, language))
    if about.topics:
        subjects = _listed(about.topics[:_SUBJECTS], language)
        return text("talk.subjects", language).format(count=about.articles, subjects=subjects)
    return text("talk.several", language).format(count=about.articles, title=about.named[0].title)


def _offers(index: Index, about: About, language: str, known: Sequence[str], asked: set[str]) -> tuple[str, ...]:
    """Return questions to offer: known ones first, then one of each kind that is made from the index."""

    def candidates() -> Iterator[str]:
        yield from known
        examples = examples_of(index, language)
        # First the kinds that show most of what can be asked.
        for kind in ("fact", "summary", "comparison", "explanation", "list", "timeline", "yes_no"):
            yield from itertools.islice((one.question for one in examples if one.kind == kind), 1)
        yield from (one.question for one in examples)
        yield from facts(index, language, [one.path for one in about.named], most=OFFERED)

    once = (question for question in _unique(candidates()) if question.casefold() not in asked)
    return tuple(itertools.islice(once, OFFERED))


def _unique(questions: Iterable[str]) -> Iterator[str]:
    """Yield each question once, without making more of them than are used."""
    seen: set[str] = set()
    for question in questions:
        if question not in seen:
            seen.add(question)
            yield question


def _marked(title: str, language: str) -> str:
    title = " ".join(title.split())
    if len(title) > _LONGEST_TITLE:
        title = f"{title[:_LONGEST_TITLE].rsplit(' ', 1)[0]} …"
    return _MARKS.get(language, _MARKS["en"]).format(title)


def _listed(items: Sequence[str], language: str) -> str:
    if len(items) < 2:
        return "".join(items)
    last = text("talk.and", language)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
