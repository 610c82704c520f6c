"""
Make questions that the articles can be expected to answer, from their own sentences.

In a German statement the finite verb comes second: "China will bis 2027 autark sein." What comes before or after
it can be asked for by inverting the sentence: "Bis wann will China autark sein?" Only statements that clearly
have this form are inverted, so there are few questions, but they read well. A small language model asked for
questions writes many that do not. The caller must check whether a question is really answered: see `supports`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from index.text.locale import alternatives, texts, words
from rag.composing.persons import persons_in
from rag.exploring.names import names_of
from rag.exploring.samples import spread
from rag.query.follow_up import GENERAL_NOUN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from index.storage.reader import Index
    from rag.types import Answer

LONGEST = 110
"""Most characters of a question; a longer one is not inviting."""
_LONGEST_SENTENCE = 260
_MOST_READ = 2000  # articles
_PLURAL = words("suggestions.opening_plural")
_OPENING = _PLURAL | words("suggestions.opening")
_DOING = words("suggestions.doing")
_OBJECT = words("suggestions.object")
_SINGULAR = dict(zip(texts("suggestions.belonging_plural"), texts("suggestions.belonging"), strict=True))
_BELONGING = words("suggestions.belonging", "suggestions.belonging_plural")
_NO_VERB = words("suggestions.no_verb")
_ADVERBS = words("suggestions.adverbs")
_POINTING = re.compile(rf"\b{alternatives('suggestions.pointing')}\b", re.IGNORECASE)
_OWN = re.compile(r"\b([Ii]hr|[Ss]ein)(e|er|es|en|em)?\b")
_SUBJECT = re.compile(
    rf"(?!(?i:{alternatives('suggestions.no_subject')})\b)"
    r"(?P<article>(?:Der|Die|Das) )?(?:[a-zäöüß]{3,}e[nrs]? ){0,2}[A-ZÄÖÜ][\w-]*\w"
    r"(?: (?:und|aus|von|in|der|des) [A-ZÄÖÜ][\w-]*\w| [A-ZÄÖÜ][\w-]*\w){0,3}"
)
_MONTH = alternatives("files.months", language="de")
_DATE = rf"(?:(?:\d{{1,2}}\. )?(?:{_MONTH})(?: \d{{4}})?|(?:Anfang|Mitte|Ende)(?: des Jahres)? \d{{4}}|(?:Jahr |Jahre )?\d{{4}})"
_TIMES = (
    (re.compile(rf"\bbis (?:zum |zu |spätestens )?{_DATE}(?![\w-])"), "Bis wann"),
    (re.compile(rf"\bseit (?:dem )?{_DATE}(?![\w-])"), "Seit wann"),
    (re.compile(rf"\b(?:im |am |ab )(?:kommenden )?{_DATE}(?![\w-])"), "Wann"),
)
_WITH_DATIVE = {"zu", "von", "mit"}
_NUMBER = rf"\d[\d.,]*|{alternatives('suggestions.numbers')}"
_ABOUT = rf"(?:{alternatives('suggestions.about')} )*"
_AMOUNT = re.compile(
    rf"\b(?:(?P<with>zu|um|auf|von|mit|für) )?{_ABOUT}(?:{_NUMBER})"
    rf"(?: {alternatives('suggestions.scales')})? (?P<unit>[A-ZÄÖÜ][\w-]+)"
)
_APPOSITION = re.compile(
    r"(?:^| )[A-ZÄÖÜ][\w-]+ [A-ZÄÖÜ][\w-]+, (?P<who>(?:der|die) [A-ZÄÖÜ][\w-]+ (?:von|des|der) [A-ZÄÖÜ][\w-]+), "
)
_ENGLISH_APPOSITION = re.compile(
    r"(?:^| )[A-Z][\w-]+ [A-Z][\w-]+, (?P<who>the [A-Za-z][\w -]{1,40} of (?:the )?[A-Z][\w-]+), "
)
_SHORT_NAME = re.compile(r"[A-ZÄÖÜ]{2,}s?")
_BEFORE_AMOUNT = re.compile(
    rf"(?:^| )(?:{alternatives('suggestions.no_subject', 'grammar.articles_definite')}|innerhalb) $"
)
_NO_UNIT = words("suggestions.no_unit")
_BEHIND_VERB = re.compile(
    r"(?:(?:der|die|das) )?(?:[a-zäöüß]{3,}e[nrs]? )?[A-ZÄÖÜ][\w-]*(?: (?:aus|von|in|der|des) [A-ZÄÖÜ][\w-]*)?"
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    A question made from a sentence.

    Parameters
    ----------
    question
        The question, to be asked as it is.
    path, start, end
        The sentence that should support the answer.
    language
        Language of the question.

    """

    question: str
    path: str
    start: int
    end: int
    language: str = "de"


@dataclass(frozen=True, slots=True)
class _Clause:
    """
    The parts of a statement.

    Parameters
    ----------
    front
        What comes before the verb.
    subject
        ``front``, with a lower-case article, if it is the subject; else empty, and the subject is in ``rest``.
    verb
        The finite verb.
    rest
        What follows the verb.
    reason
        Whether a reason is given after the clause.

    """

    front: str
    subject: str
    verb: str
    rest: str
    reason: bool = False

    def turned(self, word: str, rest: str) -> str:
        """Return the question: question word, verb, subject, rest."""
        return _SPACES.sub(" ", f"{word} {self.verb} {self.subject} {rest}").replace(" ,", ",").strip() + "?"


def supports(suggestion: Suggestion, answer: Answer) -> bool:
    """Tell whether a suggested question was answered, and from the sentence that it was made from."""
    return not answer.abstained and any(
        citation.path == suggestion.path and citation.start < suggestion.end and suggestion.start < citation.end
        for citation in answer.citations
    )


def suggestions_of(
    index: Index, paths: Iterable[str] | None = None, *, closed: bool = False, most: int | None = None
) -> list[Suggestion]:
    """
    Return the questions that `suggest` makes from the sentences of an index.

    Parameters
    ----------
    index
        The index that holds the sentences.
    paths
        Articles to take the sentences from, in this order; None for all, or an evenly spaced sample of very many.
    closed
        See `suggest`.
    most
        Most sentences read of each article, from its beginning; None for all.

    """
    wanted = spread(list(index.passages), _MOST_READ) if paths is None else paths
    sentences = (one for path in wanted for one in islice(_sentences(index, path), most))
    return suggest(sentences, closed=closed, names=frozenset(names_of(index).frequent))


def _sentences(index: Index, path: str) -> Iterator[tuple[str, int, int, str]]:
    for id_ in index.passages.get(path, ()):
        chunk = index.chunks[id_].chunk
        for span in chunk.sentences:
            yield path, span.start, span.end, index.documents[path].text[span.start : span.end]


def suggest(
    sentences: Iterable[tuple[str, int, int, str]], *, closed: bool = False, names: Collection[str] = ()
) -> list[Suggestion]:
    """
    Make questions from sentences.

    Parameters
    ----------
    sentences
        Path, start, end and text of each, in reading order.
    closed
        Make yes-or-no questions ("Will die Stadt alle Busse ersetzen?") instead of others.
    names
        Names in the articles. What a statement is about must be one of them, or be described ("Die Werft in Husum"),
        since "Das Unternehmen will ..." does not say who. If there are none, any statement is used.

    Returns
    -------
    list[Suggestion]
        Each question once, the articles taking turns.

    """
    found: dict[str, list[Suggestion]] = {}
    seen: set[str] = set()
    for path, start, end, text in sentences:
        for question in _questions(text, names, closed=closed):
            if question not in seen:
                seen.add(question)
                found.setdefault(path, []).append(
                    Suggestion(question, path, start, end, "en" if question.startswith("Who is ") else "de")
                )
                break
    return list(_in_turn(list(found.values())))


def _in_turn(groups: Sequence[Sequence[Suggestion]]) -> Iterator[Suggestion]:
    for place in range(max(map(len, groups), default=0)):
        yield from (group[place] for group in groups if place < len(group))


def _questions(sentence: str, names: Collection[str], *, closed: bool) -> Iterator[str]:
    """Make the questions from a sentence, best first."""
    text = _SPACES.sub(" ", sentence).strip().lstrip("# ")
    # A headline often has two parts, with nothing between them.
    if len(text) > _LONGEST_SENTENCE or not text.endswith(".") or re.search(r"[„“”\"»«*#|?!()\[\]–]", text):
        return
    found = [] if closed else [_who_is(text)]
    # What follows a colon or a semicolon is often a statement of its own.
    for part in re.split(r"[:;] ", text.removesuffix(".")):
        clause = _clause(part)
        if clause is None or (names and not _says_who(clause, names)):
            continue
        if closed:
            found.append(_whether(clause))
        else:
            found += [_why(clause), _when(clause), _how_much(clause), _who(clause), _what(clause), _belongs(clause)]
    yield from (question for question in found if question and len(question) <= LONGEST)


def _clause(text: str) -> _Clause | None:
    """Return the parts of a statement's main clause; None if it does not clearly have the form."""
    main, *others = text.split(", ")
    reason = any(other.startswith(("weil ", "denn ", "da ")) for other in others)
    if others and re.search(r"(?:^| )(?:\w+)?zu\w* \w+en$", others[0]) and not others[0].startswith("um "):
        main = f"{main}, {others[0]}"
    words = main.split(" ")
    if not words[0][:1].isupper() and not words[0][:1].isdigit():
        return None
    for place in range(1, min(len(words) - 1, 8)):
        front, verb, rest = " ".join(words[:place]), words[place], " ".join(words[place + 1 :])
        subject = _SUBJECT.fullmatch(front)
        is_verb = (
            verb in _OPENING
            or verb in _BELONGING
            or (
                (subject is not None or _is_time(front))
                and re.fullmatch(r"[a-zäöüß]{2,}t", verb) is not None
                and verb not in _NO_VERB
            )
        )
        if not is_verb:
            continue
        clause = _Clause(front, _small(front) if subject and front.lower() not in _ADVERBS else "", verb, rest, reason)
        return clause if _is_sound(clause) else None
    return None


def _small(subject: str) -> str:
    """Lower-case the article of a subject, as it no longer comes first."""
    first, _, others = subject.partition(" ")
    return f"{first.lower()} {others}" if first in {"Der", "Die", "Das"} else subject


def _is_sound(clause: _Clause) -> bool:
    """Tell whether a clause is complete and can be understood without its neighbours."""
    if _POINTING.search(f"{clause.front} {clause.rest}") or _OWN.search(clause.front):
        return False
    if len(clause.rest.split(" ")) < 2:
        return False
    last = clause.rest.rsplit(" ", maxsplit=1)[-1]
    return clause.verb not in _OPENING or bool(re.fullmatch(r"[a-zäöüß]{2,}(?:en|ern|eln|t)|sein", last))


def _says_who(clause: _Clause, names: Collection[str]) -> bool:
    """Tell whether what a clause is about has a name, or a description ("Die Werft in Husum")."""
    subject = clause.front if clause.verb in _BELONGING else clause.subject or _first_noun(clause.rest)
    nouns = [word for word in subject.split(" ") if word[:1].isupper()]
    if any(GENERAL_NOUN.fullmatch(word.casefold()) for word in nouns):
        return False
    is_described = subject.startswith(("der ", "die ", "das ")) and len(nouns) > 1
    return is_described or bool(persons_in(subject)) or any(_is_named(word, names) for word in nouns)


def _first_noun(text: str) -> str:
    """Return what stands first behind the verb: "die Werft in Husum" of "die Werft in Husum Fähren bauen"."""
    found = _BEHIND_VERB.match(text)
    return found.group() if found else ""


def _is_named(word: str, names: Collection[str]) -> bool:
    """Tell whether a word is a name, its genitive, or a compound of it ("Siemens-Chef")."""
    first = word.split("-", maxsplit=1)[0]
    return any(one in names for one in (word, first, first.removesuffix("s"))) or bool(_SHORT_NAME.fullmatch(first))


def _time_of(text: str) -> tuple[str, int, int] | None:
    for pattern, word in _TIMES:
        if (match := pattern.search(text)) is not None:
            return word, match.start(), match.end()
    return None


def _is_time(front: str) -> bool:
    small = front[0].lower() + front[1:]
    found = _time_of(small)
    return found is not None and found[1:] == (0, len(small))


def _whether(clause: _Clause) -> str:
    """Ask whether a statement is true, if its subject does something and the statement is complete."""
    if not clause.subject or clause.verb not in _DOING | (_OPENING - _PLURAL) or len(clause.rest.split()) < 3:
        return ""
    question = clause.turned("", clause.rest).strip()
    return question[0].upper() + question[1:]


def _why(clause: _Clause) -> str:
    if not clause.reason or not clause.subject:
        return ""
    return clause.turned("Warum", clause.rest)


def _when(clause: _Clause) -> str:
    if _is_time(clause.front) and (first := _time_of(clause.front[0].lower() + clause.front[1:])):
        return clause.turned(first[0], clause.rest)
    found = _time_of(clause.rest)
    if found is None or not _asks(clause):
        return ""
    word, start, end = found
    rest = clause.rest[:start] + clause.rest[end:]
    return clause.turned(word, rest) if len(rest.split()) >= 2 else ""


def _asks(clause: _Clause) -> bool:
    """Tell whether nothing is lost when what comes before the verb is moved behind it or dropped."""
    return bool(clause.subject) or clause.front.lower() in _ADVERBS


def _how_much(clause: _Clause) -> str:
    front = clause.front[0].lower() + clause.front[1:]
    match = _AMOUNT.search(clause.rest)
    if match is not None and match["unit"].casefold() in _NO_UNIT:
        return ""
    if (first := _AMOUNT.fullmatch(front)) is not None and clause.verb not in _PLURAL:
        return clause.turned(_many(first), clause.rest)
    if match is None or not _asks(clause) or _BEFORE_AMOUNT.search(clause.rest[: match.start()]):
        return ""
    word = _many(match)
    rest = clause.rest[: match.start()] + clause.rest[match.end() :]
    return clause.turned(word, rest)


def _many(amount: re.Match[str]) -> str:
    """Return what asks for an amount: "Mit wie vielen Autos"."""
    unit, preposition = amount["unit"], amount["with"] or ""
    many = "viel" if unit == "Prozent" else "vielen" if preposition in _WITH_DATIVE else "viele"
    word = f"{preposition} wie {many} {unit}".strip()
    return word[0].upper() + word[1:]


def _who(clause: _Clause) -> str:
    """Ask for the subject, if it does something or is a single name."""
    name = re.fullmatch(r"[A-ZÄÖÜ][\w-]+(?: [A-ZÄÖÜ][\w-]+)?", clause.subject)
    if not clause.subject or clause.verb in _PLURAL or not (clause.verb in _DOING or name):
        return ""
    return _SPACES.sub(" ", f"Wer {clause.verb} {clause.rest}?") if len(clause.rest.split()) >= 3 else ""


def _what(clause: _Clause) -> str:
    if clause.verb not in _OBJECT or not clause.subject:
        return ""
    return clause.turned("Was", "")


def _belongs(clause: _Clause) -> str:
    """Ask "Was zählt zum Sortiment von Cambricon?"."""
    to_what = re.match(r"(?:Zum|Zur|Zu den) .* (?:von|der|des|in) [A-ZÄÖÜ]", clause.front)
    if clause.verb not in _BELONGING or to_what is None:
        return ""
    verb = _SINGULAR.get(clause.verb, clause.verb)
    return f"Was {verb} {clause.front[0].lower()}{clause.front[1:]}?"


def _who_is(text: str) -> str:
    """Ask for the name in "Martin Lau, der Präsident von Tencent, ..."."""
    if (match := _APPOSITION.search(text)) is not None:
        return f"Wer ist {match['who']}?"
    match = _ENGLISH_APPOSITION.search(text)
    return f"Who is {match['who']}?" if match else ""
