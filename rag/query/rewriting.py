"""
Turn a follow-up into one question, as a person would have written it, from the conversation's own words.

Five forms cover most follow-ups: a question that stands alone without its opening "und" ("Und was sagte Lau dazu?"), a
question word ("Und seit wann?"), something in place of a thing that the previous question named ("Und in
Deutschland?"), a word that points ("Wie heißt ihr Chef?"), and a question that takes in what was asked before ("Welcher
davon ist neu?", see `rag.query.clauses`). If several things may be meant, each gives a candidate, and the sources
decide between them, see `rag.pipeline.rewriting.SearchingRewriter`. Nothing is added but an article, a preposition or
the words that join a clause, so that names, figures and negations are the conversation's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from index.text import locale
from index.text.language import detect
from index.text.locale import alternatives
from index.text.spelling import composed
from index.text.stems import stop_words
from rag.limits import LONGEST_REWRITTEN, MOST_MEANT
from rag.query.clauses import with_clause
from rag.query.condense import ABSTENTIONS
from rag.query.follow_up import is_follow_up, pointing_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rag.types import Query

_MOST_THINGS = 12
_LONGEST_ANSWER = 600
_GOING_ON = re.compile(rf"^\W*{alternatives('questions.going_on')}\b[\s,]*", re.IGNORECASE)
_OPENING = re.compile(rf"^{alternatives('rewriting.opening')}\b\W*", re.IGNORECASE)
_CONDITION = re.compile(rf"{alternatives('rewriting.conditions')}\b", re.IGNORECASE)
_IN_PLACE_OF = locale.words("rewriting.in_place_of")
_WHICH = alternatives("grammar.which")
_QUESTION_WORDS = ("grammar.who", "grammar.which", "grammar.question_words", "grammar.which_or_what")
_ASKING = alternatives(*_QUESTION_WORDS)
_BEFORE = rf"(?:{alternatives('questions.prepositions_asking', 'grammar.prepositions')} )?"
_OPEN = re.compile(rf"{_BEFORE}{_ASKING}\b", re.IGNORECASE)
# "Was" opens a different question in English than in German.
_OPEN_IN = {
    one: re.compile(rf"{_BEFORE}{alternatives(*_QUESTION_WORDS, language=one)}\b", re.IGNORECASE)
    for one in locale.languages()
}
_ADVERB = re.compile(
    rf"(?i:{_BEFORE})(?:(?i:{alternatives('rewriting.asking_adverbs')})|(?i:{_WHICH})(?: [^\W\d_a-zäöüß][\w-]*)+)"
)
_LEADING_ADVERB = re.compile(rf"{_BEFORE}{alternatives('rewriting.asking_adverbs')}\b ", re.IGNORECASE)
_MORE = re.compile(rf"(\w+) ({alternatives('rewriting.more')})", re.IGNORECASE)
_AUXILIARY = locale.words("grammar.auxiliaries")
_PREPOSITION = alternatives("grammar.prepositions", "rewriting.belonging")
_NEGATION = re.compile(rf"(?<!\w){alternatives('rewriting.negations')}(?!\w)", re.IGNORECASE)
_HOW_COME = re.compile(r"^how come$", re.IGNORECASE)  # unlike "why", it would keep the word order
_POSSESSIVE = re.compile(alternatives("grammar.possessives"), re.IGNORECASE)
_WHOSE = locale.words("rewriting.whose_of_one")
_MAY_BE_SEVERAL = locale.words("rewriting.may_be_several")
_SEVERAL = re.compile(alternatives("rewriting.several"))
_SEVERAL_MEANT = re.compile(alternatives("rewriting.several_meant"), re.IGNORECASE)
_WORD = r"[^\W\d_a-zäöüß][\w-]*\w"
_NAME = rf"{_WORD}(?: (?:{_WORD}|\d[\w.-]*))*"
_NAMES = re.compile(
    rf"(?<![\w-])(?P<article>(?:{alternatives('grammar.articles_definite')}) (?:[a-zäöüß]+ )?)?"
    rf"(?P<name>{_NAME}(?:,? {alternatives('rewriting.joining_names')} {_NAME})?)(?![\w-])"
)
_ARTICLE_AT_END = re.compile(rf"(?<= ){alternatives('grammar.articles_definite')} $")  # "die beiden"
_FRAGMENT = re.compile(
    rf"(?:(?P<preposition>{_PREPOSITION}) )?(?P<article>{alternatives('grammar.articles_definite')} )?"
    rf"(?P<name>{_NAME}?|\d[\w.-]*)(?:['’]s)?"
)
_OF_ONE_GENDER = locale.texts("rewriting.of_one_gender")
_BEHIND_WHICH_BARE = alternatives("about.before_names")
_INNER_CAPITAL = re.compile(r"\w[A-ZÄÖÜ]")
_AMOUNT = re.compile(r"(?<![\w-])\d[\d.,]* [^\W\d]")
_WITHOUT_PREPOSITION = re.compile(rf"^{_BEFORE}", re.IGNORECASE)
_ASKS_FOR_NAME = re.compile(
    rf"{_BEFORE}(?:{alternatives('grammar.who', 'grammar.which', 'grammar.which_or_what')})\b", re.IGNORECASE
)
_JOINED = re.compile(rf" {alternatives('rewriting.joining_names')} ")
_MEANS_A_THING = re.compile(alternatives("rewriting.means_a_thing", "rewriting.several_meant"), re.IGNORECASE)
# Articles with the same form in the nominative and the accusative, so that a thing can stand in either case.
_BENT_NOWHERE = locale.words("rewriting.bent_nowhere")
# Chosen on 59 follow-ups: what the previous question is about is more likely meant than what its answer named, unless
# that is the whole answer.
_OF_QUESTION, _IS_ANSWER = 0.05, 0.3
_FEWEST_WORDS = 3
_FEWEST_WHOLE = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A question that a follow-up may mean.

    Parameters
    ----------
    text
        The question.
    weight
        What speaks for it apart from the sources, on the scale of `rag.types.Hit.score`.

    """

    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that the conversation named, whether it is plural, and how likely it is meant."""

    text: str
    several: bool
    weight: float


def candidates(query: Query, names: Collection[str]) -> tuple[Candidate, ...]:
    """
    Return the questions that a follow-up may mean, each once; empty if it has none of the forms.

    Parameters
    ----------
    query
        A follow-up; ``query.history`` has the turns that it depends on.
    names
        Words that are names in the articles.

    """
    if not query.history:
        return ()
    text = " ".join(composed(query.question).split())
    asked = _GOING_ON.sub("", _OPENING.sub("", text))
    before, answer = _leant_on(query, names)
    bare = asked.rstrip(" ?!.")
    if not bare or not before or _CONDITION.match(bare) or max(len(asked), len(before)) > LONGEST_REWRITTEN:
        return ()
    if (
        len(asked) < len(text)
        and _OPEN.match(asked)
        and len(asked.split()) >= _FEWEST_WHOLE
        and not is_follow_up(asked)
    ):
        return (Candidate(_sentence(asked)),)
    found = [
        *map(Candidate, _asked_again(bare, before, answer, names)),
        *map(Candidate, with_clause(bare, before, closed=_is_closed(before))),
        *map(Candidate, _put_in_place(bare, before, names)),
        *_pointed(asked, before, answer, names),
    ]
    best: dict[str, Candidate] = {}
    for one in found:
        text = _sentence(one.text)
        if _is_sound(text) and one.weight > best.get(text, Candidate(text, -1.0)).weight:
            best[text] = Candidate(text, one.weight)
    return tuple(best.values())[:MOST_MEANT]


def _leant_on(query: Query, names: Collection[str]) -> tuple[str, str]:
    """Return the question that a follow-up depends on, as one that stands alone (empty if in doubt), and its answer."""
    (question, answer), earlier = query.history[-1], query.history[:-1]
    answer = " ".join(composed(answer[:_LONGEST_ANSWER]).split())
    answer = "" if answer in ABSTENTIONS else answer
    if len(question) > LONGEST_REWRITTEN:
        return "", answer
    if not is_follow_up(question):
        return " ".join(composed(question).split()), answer
    found = candidates(replace(query, question=question, history=earlier), names)
    return found[0].text if len(found) == 1 else "", answer


def _asked_again(bare: str, before: str, answer: str, names: Collection[str]) -> Iterator[str]:
    """Yield the previous question, asked with another question word: "Und seit wann?"."""
    more = _MORE.fullmatch(bare)
    if more and before.casefold().startswith(f"{more.group(1).casefold()} "):
        yield _with(before, more.group(2))
        return
    bare = _HOW_COME.sub("Why", bare)
    negated = _NEGATION.search(bare)
    word = _NEGATION.sub("", bare).strip()
    if not _ADVERB.fullmatch(word):
        return
    if _is_closed(before):
        asked = f"{word} {before[0].lower()}{before[1:]}"
        yield (
            _with(asked, negated.group(), after=len(word.split()))
            if negated and not _NEGATION.search(before)
            else asked
        )
    elif (lead := _LEADING_ADVERB.match(before)) is not None:
        yield f"{word} {before[lead.end() :]}"
    elif (turned := _turned(answer, names)) is not None:
        yield f"{word} {turned}"


def _put_in_place(bare: str, before: str, names: Collection[str]) -> Iterator[str]:
    """Yield the previous question with something else in place of a thing it names: "Und in Deutschland?"."""
    same = re.match(_WHICH, bare, re.IGNORECASE)
    if same and re.match(_WHICH, before, re.IGNORECASE):
        bare = bare[same.end() :].strip()
    new = _FRAGMENT.fullmatch(bare)
    if new is None or _OPEN.match(bare):
        return
    preposition, article, placed = new["preposition"], new["article"] or "", False
    # "bei der Bahn" shows its case, "bei Baidu" does not.
    free = preposition and not article and preposition.casefold() in _IN_PLACE_OF
    if free and not re.search(rf"(?<!\w){preposition} ", before):
        preposition = None
    for old in _NAMES.finditer(before):
        stands = re.search(rf"(?<!\w)({_PREPOSITION}) $", before[: old.start()])
        if old.start() == 0 or (preposition and (stands.group(1).casefold() if stands else "") != preposition):
            continue
        replaced, start = f"{article if preposition else ''}{new['name']}", old.start()
        if not preposition:
            start = old.start("name")
            if not (_alike(article, old["article"]) and (article or _is_name(old["name"], names, before, bare=False))):
                continue
        placed = True
        yield f"{before[:start]}{replaced}{before[old.end('name') :]}"
    if not placed and not preposition and not article and re.search(r"(?<=\s)[^\W\d_a-zäöüß][\w-]*\?$", before):
        yield f"{before.rstrip(' ?')} {_belonging(before)} {new['name']}"


def _alike(one: str, other: str | None) -> bool:
    """Tell whether two articles may have the same gender, so that the case of the second is right for both."""
    both = {one.strip(), (other or "").strip()}
    return both == {""} or any(both <= set(group.split()) for group in _OF_ONE_GENDER)


def _belonging(before: str) -> str:
    return locale.text("rewriting.belonging", detect(before))


def _pointed(asked: str, before: str, answer: str, names: Collection[str]) -> Iterator[Candidate]:
    """Yield the follow-up with each thing that was named in place of a word that points."""
    for start, end in pointing_at(asked):
        head, word, tail = _ARTICLE_AT_END.sub("", asked[:start]), asked[start:end], asked[end:]
        whose = bool(_POSSESSIVE.fullmatch(word)) or word.casefold() in _WHOSE
        if not whose and not _MEANS_A_THING.fullmatch(word) and " " not in word:
            continue  # "das" and "damit" mean what was said, not what was named
        beside = [*head.split()[-1:], *(one for one in tail.split()[:1] if one.islower())]
        several = bool(_SEVERAL_MEANT.fullmatch(word)) or (
            word.casefold() in _MAY_BE_SEVERAL and any(map(_SEVERAL.fullmatch, beside))
        )
        for thing in islice(_things(before, answer, names), _MOST_THINGS):
            if thing.several != several or (whose and thing.text[0].islower()):
                continue
            text = _owner(thing.text, asked) if whose else thing.text
            yield Candidate(f"{head}{text}{tail}", thing.weight)


def _owner(name: str, asked: str) -> str:
    if detect(asked) == "en":
        return f"{name}'s"
    return f"{name}’" if name[-1] in "sxzß" else f"{name}s"


def _things(before: str, answer: str, names: Collection[str]) -> Iterator[Thing]:
    """Yield what the last turn named, except what would have to be inflected to stand in another case."""
    for text, weight in ((before, _OF_QUESTION), (answer, 0.0)):
        for found in _NAMES.finditer(text):
            article, name = (found["article"] or "").casefold(), found["name"]
            first, _, rest = name.partition(" ")
            if not article and first.casefold() in stop_words():  # the first word of a sentence
                article, name = (f"{first.casefold()} ", rest) if first.casefold() in _BENT_NOWHERE else ("", rest)
            if not name or _AMOUNT.search(name) or (article and article.split()[0] not in _BENT_NOWHERE):
                continue
            whole = text is answer and not article and name == _WITHOUT_PREPOSITION.sub("", answer).rstrip(".!")
            parts = _JOINED.split(name)
            if not article and not whole:
                known = [_without_noun(one, names) for one in parts if _is_name(one, names, text)]
                if len(known) < len(parts):
                    continue
                name = name if len(parts) > 1 else known[0]
            asked_for = whole and _ASKS_FOR_NAME.match(before)
            yield Thing(f"{article}{name}", len(parts) > 1, _IS_ANSWER if asked_for else weight)


def _without_noun(text: str, names: Collection[str]) -> str:
    """Return a name without a noun that only happens to follow it: "will DeepSeek Modelle entwickeln"."""
    first, _, rest = text.partition(" ")
    return first if first in names and rest and rest.split()[0] not in names and not rest[0].isdigit() else text


def _is_name(text: str, names: Collection[str], of: str, *, bare: bool = True) -> bool:
    """Tell whether words are a name and not a noun: German writes both with a capital."""
    found = text.split()
    if any(word in names or any(map(str.isdigit, word)) or _INNER_CAPITAL.search(word) for word in found):
        return True
    behind = bare and re.search(rf"(?<!\w)(?i:{_BEHIND_WHICH_BARE}) {re.escape(text)}(?!\w)", of) is not None
    owned = found[0][:-1] in names and found[0].endswith("s")
    return len(found) > 1 or behind or owned or detect(of) == "en"


def _turned(statement: str, names: Collection[str]) -> str | None:
    """Return a statement with its verb first, if it plainly begins with a name and a verb; None otherwise."""
    first = re.split(r"(?<=[.!?]) ", statement)[0].rstrip(".!? ")
    found = re.fullmatch(rf"(?P<subject>{_NAME}) (?P<verb>[a-zäöüß]+)(?P<rest>,? .+)", first)
    if found is None or found["subject"].split()[0].casefold() in stop_words():
        return None
    # What stands first in German need not be the subject: an amount or a noun may be the object.
    if _AMOUNT.search(found["subject"]) or not _is_name(found["subject"], names, first):
        return None
    if not (found["verb"] in _AUXILIARY or re.fullmatch(r"[a-zäöüß]+t", found["verb"])):
        return None
    return f"{found['verb']} {found['subject']}{found['rest']}"


def _with(question: str, word: str, *, after: int = 0) -> str:
    """Return a question with "noch" or "nicht" where it belongs: before the infinitive or participle that ends it."""
    said = question.rstrip(" ?").split()
    if word == "else":
        return " ".join([said[0], word, *said[1:]])
    if re.fullmatch(r"[a-zäöüß]+(?:t|en|ed)", said[-1]):
        return " ".join([*said[:-1], word, said[-1]])
    return " ".join([*said, word]) if after else " ".join([*said[:2], word, *said[2:]])


def _is_closed(question: str) -> bool:
    """Tell whether a question asks for yes or no: its verb stands first."""
    found = question.split()
    if len(found) < _FEWEST_WORDS or not question.endswith("?"):
        return False
    first = found[0].casefold()
    if _OPEN_IN[detect(question)].match(question):
        return False
    joined = locale.words("rewriting.joining_names") | {"oder", "or"}
    return first in _AUXILIARY or (
        re.fullmatch(r"\w+(?:t|en)", first) is not None and found[1].casefold() not in joined
    )


def _is_sound(text: str) -> bool:
    return text.count("?") == 1 and not is_follow_up(text)


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}".rstrip(" ?!.") + "?"
