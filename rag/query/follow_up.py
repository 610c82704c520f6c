"""Tell whether a question depends on what was said before it."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from index.limits import LONGEST_WORD
from index.storage.lexical import words
from index.text import locale
from index.text.language import detect, is_foreign
from index.text.locale import alternatives
from index.text.spelling import composed
from index.text.stems import stop_words

if TYPE_CHECKING:
    from collections.abc import Sequence

_GOING_ON = re.compile(rf"^\W*{alternatives('questions.going_on')}\b", re.IGNORECASE)
_PERSONAL = locale.words("grammar.pronouns_personal", "grammar.pronouns_neuter")
_NEUTER = locale.words("grammar.pronouns_neuter")
_POSSESSIVE = re.compile(alternatives("grammar.possessives"))
# All other words that point, of which "dafür" and "hierzu" are a class.
_POINTING = re.compile(alternatives("grammar.demonstratives_near", "grammar.demonstratives_far", "questions.pointing"))
_ARTICLE = locale.words("grammar.articles_definite")
_BEFORE_NOUN = locale.words("grammar.articles_definite", "grammar.articles_indefinite")
# A general noun with the definite article points as well, unless what follows says which one is meant.
GENERAL_NOUN = re.compile(alternatives("grammar.general_nouns"))
_SAYING_WHICH = locale.words("questions.saying_which")
_TIME = re.compile(alternatives("questions.times"))
# "Es" refers to nothing beside verbs of weather and existence, or if it stands for a clause that follows.
_IMPERSONAL = re.compile(alternatives("questions.impersonal"))
_IMPERSONAL_PHRASE = re.compile(rf"\b{alternatives('questions.impersonal_phrases')}\b")
# Two words, the second somewhere after the first. As one pattern, each first word would look for its second up to the
# end of the text.
_IMPERSONAL_WITH = tuple(
    (re.compile(rf"\b{alternatives(first)}\b"), re.compile(rf"\b{alternatives(then)}\b"))
    for first, then in (("questions.comes", "questions.comes_to"), ("questions.stands", "questions.stands_about"))
)
_COPULA = locale.words("questions.copula")
_CONJUNCTION = locale.words("grammar.conjunctions")
_IT = re.compile(alternatives("questions.expletive"), re.IGNORECASE)
_IT_TAKES = (
    re.compile(rf"\b{alternatives('questions.takes')}\b", re.IGNORECASE),
    re.compile(rf" {alternatives('questions.takes_to')}\b", re.IGNORECASE),
)
_THERE_OR_THAT = re.compile(alternatives("questions.there_or_that"), re.IGNORECASE)
_TO_BE = re.compile(rf"\b{alternatives('questions.to_be')}")
_ASKED = re.compile(alternatives("questions.spoken_to"))
_POLITE = re.compile(alternatives("questions.polite"))
_ANYBODY = locale.words("questions.anybody")
_ADDRESS = locale.words("questions.address")
_AUXILIARY = locale.words("grammar.auxiliaries")
_PREPOSITION = locale.words("grammar.prepositions")
_ALSO = locale.words("questions.also")
_HOW_MANY = re.compile(alternatives("grammar.which", "grammar.which_or_what", "grammar.how_many"))
_HOW = locale.words("questions.how")
_PLEASE = locale.words("questions.please")
_LIGHT = locale.words("questions.light")
# A question with this many content words names its subject, and its "sie" and "es" point within it ("Was plant Tencent,
# damit sie ...").
_MANY_CONTENT_WORDS = 5


def is_follow_up(question: str) -> bool:
    """
    Tell whether a question depends on what was said before.

    It does if it goes on from that ("Und ..."), has no word that says what it is about ("Seit wann?", "Welche Partei?",
    "Wer hat gewonnen?"), or has a word that points ("sie", "dort", "diese") to nothing within the question.
    """
    read = _read(" ".join(composed(question).split()))
    if _GOING_ON.search(read.text):
        return True
    content = [word for word in read.words if word.content]
    if not content:
        return not read.addresses or read.asks_for_more or _points_somewhere(read)
    if _is_fragment(read, content):
        return True
    if len(content) >= _MANY_CONTENT_WORDS:
        return False
    return _has_no_subject(read, content) or _points_somewhere(read)


def pointing_at(question: str) -> list[tuple[int, int]]:
    """
    Return the ranges of the words that point to something before the question; "die Firma" is one range.

    Parameters
    ----------
    question
        In the composed Unicode form, with single spaces.

    """
    read = _read(question)
    return [
        (word.start, read.words[at + 1].end if word.text in _ARTICLE and _is_general(read, at) else word.end)
        for at, word in enumerate(read.words)
        if _points_back(read, at)
    ]


@dataclass(frozen=True, slots=True)
class _Word:
    text: str  # casefolded, and cut if it is longer than any word that is looked for
    start: int
    end: int
    clause: int
    first: bool  # at the start of a sentence, where any word has a capital
    polite: bool
    content: bool
    noun: bool


@dataclass(frozen=True)
class _Reading:
    """A question word by word; what is needed at every word is computed once."""

    text: str
    words: tuple[_Word, ...]
    language: str
    cased: bool  # written as German is, so that a word without a capital is not a noun

    @property
    def addresses(self) -> bool:
        """Whether the question speaks to or of somebody who needs no name: "Wie geht es Ihnen?"."""
        return any(word.polite or word.text in _ADDRESS for word in self.words)

    @property
    def asks_for_more(self) -> bool:
        """Whether somebody who is spoken to is asked to go on: "Können Sie mehr erzählen?"."""
        texts = {word.text for word in self.words}
        return bool(_LIGHT & texts) and "man" not in texts

    @cached_property
    def nouns(self) -> list[int]:
        """Places of nouns and names."""
        return [place for place, word in enumerate(self.words) if word.noun]

    @cached_property
    def named(self) -> list[int]:
        """Places of what a word that points may refer to; the first of them is in the earliest clause."""
        return [place for place, word in enumerate(self.words) if word.noun or word.text in _ANYBODY]

    def before(self, at: int) -> int:
        """Return how many of `named` stand before a place."""
        return bisect_left(self.named, at)

    @cached_property
    def asks_how_many(self) -> int:
        """The first place of "welche", "wie viele" and the like; the number of words if there is none."""
        found = (place for place, word in enumerate(self.words) if _HOW_MANY.fullmatch(word.text))
        return next(found, len(self.words))

    @cached_property
    def last_conjunction(self) -> int:
        """The clause of the last "dass", "ob" or "bis"; -1 if there is none."""
        return max((word.clause for word in self.words if word.text in {"dass", "ob", "bis"}), default=-1)

    @cached_property
    def last_infinitive(self) -> int:
        """The last place of an infinitive with "zu"; -1 if there is none, or no noun in the question."""
        found = [
            place
            for place in range(len(self.words))
            if re.fullmatch(r"\w+zu\w+en", self.at(place))
            or (self.at(place) == "zu" and re.fullmatch(r"\w+n", self.at(place + 1)) and not self.noun_at(place + 1))
        ]
        return found[-1] if found and self.nouns else -1

    @cached_property
    def last_in_place(self) -> int:
        """The last place of a noun that is not a time, if other words say how things are; -1 if there is none."""
        others = [word for word in self.words if word.content and not word.noun]
        if not others or any(re.fullmatch(r"\w*ge\w+(?:t|en)", word.text) for word in others):
            return -1
        return max((place for place in self.nouns if not _TIME.fullmatch(self.at(place))), default=-1)

    @cached_property
    def is_impersonal(self) -> bool:
        """Whether "es" or "it" refers to nothing here."""
        if self.language == "en":
            return bool(_IT.search(self.text)) or _follow_each_other(self.text, *_IT_TAKES)
        text = self.text.casefold()
        return bool(_IMPERSONAL_PHRASE.search(text)) or any(_follow_each_other(text, *two) for two in _IMPERSONAL_WITH)

    @cached_property
    def has_to_be(self) -> bool:
        """Whether "sein" is the verb, not the possessive."""
        return bool(_TO_BE.search(self.text.casefold()))

    @cached_property
    def has_there_or_that(self) -> bool:
        """Whether "there" or "that" points."""
        return bool(_THERE_OR_THAT.search(self.text))

    def at(self, place: int) -> str:
        return self.words[place].text if 0 <= place < len(self.words) else ""

    def noun_at(self, place: int) -> bool:
        return 0 <= place < len(self.words) and self.words[place].noun


def _follow_each_other(text: str, first: re.Pattern[str], then: re.Pattern[str]) -> bool:
    begun = first.search(text)
    return begun is not None and then.search(text, begun.end()) is not None


def _read(text: str) -> _Reading:
    language = detect(text)
    capitals = _nouns_have_capitals(language)
    mixed = any(character.islower() for character in text)
    letters = [character for character in text if character.isalpha()]
    spoken_to = bool(_ASKED.search(text.casefold()))
    found: list[_Word] = []
    clause, first = 0, True
    for match in re.finditer(r"\w[\w'’-]*|[.,;:!?–]", text):
        written = match.group()
        lower = written.casefold()
        if not written[0].isalnum():
            clause += 1
            first = written in ".!?:"
            continue
        if lower in _CONJUNCTION and found:
            clause += 1
        capital = mixed and any(letter.isupper() for letter in written[first:])
        polite = bool(_POLITE.fullmatch(lower)) and (capital or (spoken_to and lower in {"sie", "ihr"} and clause == 0))
        content = bool(content_words(written)) and not polite
        after_article = bool(found) and found[-1].text in _BEFORE_NOUN
        named = capital or (any(c.isdigit() for c in written) and any(c.isalpha() for c in written))
        typed = content and after_article and (not capitals or not mixed or letters[0].islower())
        noun = not polite and lower not in _ADDRESS and (named or typed)
        found.append(_Word(lower[:LONGEST_WORD], *match.span(), clause, first, polite, content, noun))
        first = False
    return _Reading(text, tuple(found), language, mixed and letters[0].isupper() and capitals)


@functools.cache
def _nouns_have_capitals(language: str) -> bool:
    return "nouns" in locale.words("language.capitals", language=language)


def _is_fragment(read: _Reading, content: Sequence[_Word]) -> bool:
    """Tell whether a question has no verb: "Welche Partei?", "Wie hoch?", "In Köln?", "Kürzer, bitte"."""
    texts = [word.text for word in read.words]
    start = 1 if texts[0] in _PREPOSITION and len(texts) > 1 else 0
    last = read.words[-1]
    if texts[start] in _HOW and len(content) == 1 and last.content and len(texts) == start + 2:
        return True
    counted = start + 1 if texts[start] in _HOW and len(texts) > start + 1 else start
    if _HOW_MANY.fullmatch(texts[counted]):
        between = read.words[counted + 1 : -1]
        adjective = r"\w+er?" if counted > start else r"\w+e[nmrs]?"  # "wie viele große", not "wie viele tragen"
        whole = last.content and (last.noun or not read.cased) and texts[counted] != "was"
        return whole and all(not word.noun and re.fullmatch(adjective, word.text) for word in between)
    if _PLEASE.intersection(texts):
        return len(content) == 1 and not _AUXILIARY.intersection(texts) and not read.addresses
    if texts[:3] == ["was", "ist", "mit"]:
        return all(word.noun for word in content)
    if _AUXILIARY.intersection(texts) or len(texts) == 1:
        return False
    if texts[0] in _ALSO | _PREPOSITION:
        return len(content) == 1 or (len(content) == 2 and all(word.noun for word in content))
    return texts[0] in _ARTICLE and len(content) == 1 and last.noun


def _has_no_subject(read: _Reading, content: Sequence[_Word]) -> bool:
    """Tell whether a German question names nothing: it has no noun ("Wer hat gewonnen?", "Welcher ist schneller?")."""
    if not read.cased or read.addresses or len(content) > 2 or read.words[0].content or "bedeutet" in read.text:
        return False
    return not any(word.noun for word in read.words)


def _points_somewhere(read: _Reading) -> bool:
    return any(_points_back(read, at) for at in range(len(read.words)))


def _points_back(read: _Reading, at: int) -> bool:
    word = read.words[at]
    before = read.before(at)
    first_clause = read.words[read.named[0]].clause if before else word.clause
    if word.polite or _is_no_pronoun(word.text, read.language):
        return False
    if word.text in _PERSONAL:
        if word.text in _NEUTER and _is_expletive(read, at):
            return False
        # "Die Brücke, wie lang ist sie?": a pronoun may mean a noun of an earlier clause, never one of its own clause.
        return first_clause == word.clause
    if _POSSESSIVE.fullmatch(word.text):
        if word.text == "sein" and read.has_to_be:
            return False
        if word.text.endswith(("er", "es")) and read.noun_at(at - 1):
            before -= 1  # "der Name ihres Kindes": a genitive belongs to the noun before it
        return not before or _asked_for(read, at)
    if word.text in {"das", "der", "die", "dem", "den"}:
        return _is_pronoun(read, at) or _is_general(read, at)
    if word.text == "the":
        return _is_general(read, at)
    if _POINTING.fullmatch(word.text):
        if _TIME.fullmatch(read.at(at + 1)) or first_clause < word.clause:
            return False
        if word.text.startswith(("beide", "weitere")) and read.noun_at(at + 1):
            return not before and read.nouns[-1] < at + 2
        return not _announces(read, at)
    return read.language == "en" and word.text in {"there", "that"} and read.has_there_or_that


def _is_no_pronoun(word: str, language: str) -> bool:
    """Tell whether a pronoun is a different word in the question's language, as "her" in "Was stellt Huawei her?"."""
    return (word == "her" and language == "de") or is_foreign(
        word, language, "grammar.pronouns_personal", "grammar.pronouns_neuter"
    )


def _asked_for(read: _Reading, at: int) -> bool:
    """Tell whether the only noun before a possessive is what is asked for: "Welche Rolle spielt ihr Mann?"."""
    return bisect_left(read.nouns, at) == 1 and read.asks_how_many < read.nouns[0]


def _is_pronoun(read: _Reading, at: int) -> bool:
    """Tell whether an article has no noun: "das" in "Wer hat das gemeldet?", any other only as the last word."""
    if at == len(read.words) - 1:
        return True
    if read.words[at].text != "das":
        return False
    place = at + 1
    while read.cased and place < len(read.words) and not read.noun_at(place) and read.at(place).endswith(("e", "en")):
        place += 1
    if read.cased:
        return not read.noun_at(place) and not re.match(r"\d|\w+ste\b", read.at(at + 1))
    return not read.words[at + 1].content or bool(re.fullmatch(r"\w*ge\w+(?:t|en)", read.at(at + 1)))


def _is_general(read: _Reading, at: int) -> bool:
    """Tell whether a general noun follows an article and nothing says which, unlike "das Unternehmen Cambricon"."""
    if not GENERAL_NOUN.fullmatch(read.at(at + 1)):
        return False
    after = at + 2
    if after >= len(read.words):
        return True
    if read.words[after].clause != read.words[at].clause:
        return not _ARTICLE.intersection((read.at(after), read.at(after + 1)))  # "das Unternehmen, in dem ..."
    return not read.noun_at(after) and read.at(after) not in _SAYING_WHICH


def _is_expletive(read: _Reading, at: int) -> bool:
    if read.language == "en":
        return read.is_impersonal
    beside = read.at(at - 1), read.at(at + 1)
    if any(_IMPERSONAL.fullmatch(word) for word in beside) or read.is_impersonal:
        return True
    return _announces(read, at) or _is_in_a_place(read, at)


def _announces(read: _Reading, at: int) -> bool:
    """Tell whether a word stands for a later clause: "Ist es erlaubt, ... zu ...?", "Trägt ... dazu bei, dass"."""
    return read.last_conjunction > read.words[at].clause or read.last_infinitive > at


def _is_in_a_place(read: _Reading, at: int) -> bool:
    """Tell whether "es" only says how things are somewhere: "Wie spät ist es in Tokio?"."""
    verbs = {read.at(at - 1), read.words[-1].text}
    if not verbs & {*_COPULA, "werden", "sein"} or read.at(at + 1) not in _PREPOSITION:
        return False
    return read.last_in_place > at


def content_words(text: str) -> list[str]:
    """Return the words of a question that say what it is about."""
    return [word for word in words(text) if word not in stop_words() and word not in _LIGHT]
