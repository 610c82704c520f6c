"""Draw training examples: questions with passages that answer them or do not, and sentences carried or not."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from training.drawing.carried import carried_and_not
from training.drawing.declaratives import as_sentence
from training.drawing.examples import Example, Pair, carry, items
from training.drawing.swaps import other_year
from training.texts.neighbours import Neighbours
from training.texts.passages import SIZES, Window, part, window
from training.texts.sources import read_claims, read_groups, read_questions

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from training.texts.leaks import Measured
    from training.texts.sources import Claim, Group, Question

# Share of the questions drawn, by set. German first; other languages teach the task, which is the same in all.
QUESTION_SHARES = {
    "mlqa-de-half": 24,
    "germanquad-train-part": 8,
    "germandpr-train-part": 6,
    "squad2dev": 20,
    "norquad": 8,
    "nq-oracle": 8,
    "afriqa": 9,
    "qed-nq": 4,
    "selqa": 4,
    "clapnq": 2,
    "policyqa": 1,
    "jsquad": 2,
    "cmrc2018": 1,
}
# Share of the examples, by kind.
KIND_SHARES = {"question": 56, "group": 6, "german": 20, "said": 11, "claim": 7}
# Weights of NoMIRACL's languages: those nearer to German are drawn more often.
NEAR_LANGUAGES = {"en": 4, "fr": 3, "es": 3, "fi": 2, "ru": 2}
CLAIM_SHARES = {"wice": 4, "fm2": 4, "snli": 3}
_READ_WHOLE = 900  # characters of a passage that surely fits one pass
_NAME = re.compile(r"(?<!^)\b[A-ZÄÖÜ][\w-]{2,}(?: [A-ZÄÖÜ][\w-]+)*")


class Sampler:
    """
    Draws examples from the labelled sets.

    Parameters
    ----------
    questions, groups, claims
        As read by `training.texts.sources`.

    """

    def __init__(self, questions: list[Question], groups: list[Group], claims: list[Claim]) -> None:
        self._answerable: dict[str, list[Question]] = defaultdict(list)
        self._unanswerable: dict[str, list[Question]] = defaultdict(list)
        self._documents: dict[tuple[str, str], list[Question]] = defaultdict(list)
        for question in questions:
            if question.answerable and question.answer is None and len(question.passage) > _READ_WHOLE:
                continue  # the window could lack what answers
            if question.answerable:
                self._answerable[question.source].append(question)
            else:
                self._unanswerable[question.passage].append(question)
            if question.document:
                self._documents[question.source, question.document].append(question)
        passages: dict[str, set[str]] = defaultdict(set)
        for question in questions:
            passages[question.language].add(question.passage)
        self._passages = {language: sorted(texts) for language, texts in sorted(passages.items())}
        self._neighbours = {language: Neighbours(texts) for language, texts in self._passages.items()}
        self._groups: dict[str, dict[bool, list[Group]]] = defaultdict(lambda: defaultdict(list))
        for group in groups:
            self._groups[group.language][group.relevant].append(group)
        self._claims: dict[str, dict[bool, list[Claim]]] = defaultdict(lambda: defaultdict(list))
        for claim in claims:
            if len(claim.passage) <= _READ_WHOLE:
                self._claims[claim.source][claim.carried].append(claim)

    @classmethod
    def read(cls, folder: Path, measured: Measured) -> Sampler:
        """
        Read all sets of a folder.

        Parameters
        ----------
        folder
            Holds ``qa.jsonl``, ``nomiracl_other17.jsonl`` and ``claims.jsonl``, or their ``.xz``.
        measured
            Evaluation texts; German passages that share a run of words with them are left out.

        Returns
        -------
        Sampler
            Without the sets that must not be trained on.

        Raises
        ------
        FileNotFoundError
            If one of them is not there.

        """
        questions = [q for q in read_questions(folder) if q.language != "de" or not measured.holds(q.passage)]
        return cls(questions, read_groups(folder), read_claims(folder))

    @property
    def passages(self) -> frozenset[str]:
        """All passages with a question of their own."""
        return frozenset(text for texts in self._passages.values() for text in texts)

    def draw(self, rng: Random) -> Example:
        """
        Draw one example.

        Parameters
        ----------
        rng
            Decides everything: the same state gives the same example.

        Returns
        -------
        Example
            Of any kind, in the shares above.

        """
        makers = {
            "question": self.question,
            "group": self.group,
            "german": self.german_sentences,
            "said": self.said,
            "claim": self.claim,
        }
        while True:
            kind = _weighted(KIND_SHARES, rng)
            example = makers[kind](rng)
            if example is not None:
                return example

    def question(self, rng: Random) -> Example | None:
        """
        Draw a question with a passage that answers it and one that does not.

        Parameters
        ----------
        rng
            Makes all choices.

        Returns
        -------
        Example | None
            None if what was drawn cannot be used.

        """
        asked = self._asked(rng)
        size = rng.choice(SIZES)
        shown = size if asked.answer else _READ_WHOLE
        whole = window(asked.passage, size=shown, rng=rng, answer=asked.answer)
        title = asked.title if rng.random() < 0.5 else ""
        chance = rng.random()
        if asked.passage in self._unanswerable and chance < 0.5:
            other = rng.choice(self._unanswerable[asked.passage])
            return _two(asked.text, title, whole, Pair(other.text, title, whole.text, label=False))
        if chance < 0.35 and (parts := part(whole, rng)):
            return _two(asked.text, title, parts[0], Pair(asked.text, title, parts[1].text, label=False))
        if chance < 0.5 and (changed := _changed_question(asked, whole.text, self._asked(rng), rng)):
            return _two(asked.text, title, whole, Pair(changed, title, whole.text, label=False))
        near = self._near(asked, rng)
        if chance < 0.9 and near is not None:
            other_window = window(near.passage, size=size, rng=rng)
            near_title = near.title if title else ""
            return _two(asked.text, title, whole, Pair(asked.text, near_title, other_window.text, label=False))
        far = rng.choice(self._passages[asked.language])
        if far == asked.passage or (asked.answer and asked.passage[slice(*asked.answer)].casefold() in far.casefold()):
            return None
        far_window = window(far, size=size, rng=rng)
        return _two(asked.text, title, whole, Pair(asked.text, "", far_window.text, label=False))

    def group(self, rng: Random) -> Example | None:
        """
        Draw a question with passages: four of which at least one answers, or three of which none does.

        Parameters
        ----------
        rng
            Makes all choices.

        Returns
        -------
        Example | None
            None if no language has both labels: with one label only, the language would give it away.

        """
        languages = {lang: NEAR_LANGUAGES.get(lang, 1) for lang, both in self._groups.items() if len(both) == 2}
        if not languages:
            return None
        relevant = rng.random() < 0.5
        group = rng.choice(self._groups[_weighted(languages, rng)][relevant])
        words = set(re.findall(r"\w+", group.text.casefold()))

        def overlap(passage: tuple[str, str]) -> int:
            return len(words & set(re.findall(r"\w+", f"{passage[0]} {passage[1]}".casefold())))

        # What answers is mostly, but not always, among those that share most words: so one other is added.
        ranked = sorted(group.passages, key=overlap, reverse=True)
        chosen = [*ranked[:3], *rng.sample(ranked[3:], min(1, len(ranked[3:])))] if relevant else ranked[:5]
        if not relevant:
            chosen = rng.sample(chosen, min(3, len(chosen)))
        pairs = tuple(Pair(group.text, title, text[:800], label=relevant) for title, text in chosen)
        return Example("group", pairs)

    def german_sentences(self, rng: Random) -> Example | None:
        """
        Draw a German sentence that its passage carries and one that it does not.

        Parameters
        ----------
        rng
            Makes all choices.

        Returns
        -------
        Example | None
            None if the passage has no usable sentence, or if there is no German passage.

        """
        if "de" not in self._passages:
            return None
        return carried_and_not(rng.choice(self._passages["de"]), rng)

    def said(self, rng: Random) -> Example | None:
        """
        Draw an answer put as a sentence, and a wrong answer or a passage that lacks the answer.

        In German the answer replaces the question word; if that is not possible, and in other languages, it follows
        the question.

        Parameters
        ----------
        rng
            Makes all choices.

        Returns
        -------
        Example | None
            None if the answer is long or there is no wrong one.

        """
        # German more often than among the questions: only German answers can be put as sentences.
        asked = next((q for q in (self._asked(rng) for _ in range(3)) if q.language == "de"), None) or self._asked(rng)
        if asked.answer is None or asked.answer[1] - asked.answer[0] > 80:
            return None
        whole = window(asked.passage, size=rng.choice(SIZES), rng=rng, answer=asked.answer)
        if whole.answer is None:
            return None
        right = whole.text[slice(*whole.answer)]
        plain = rng.random() < 0.2
        text = _said(asked, right, plain=plain)
        if rng.random() < 0.4 and (parts := part(whole, rng)):
            return carry(text, "", parts[0].text, Pair(text, "", parts[1].text, label=False))
        wrong = _alike(right, whole.text, asked.text, rng)
        if wrong is None:
            return None
        return carry(text, "", whole.text, Pair(_said(asked, wrong, plain=plain), "", whole.text, label=False))

    def claim(self, rng: Random) -> Example | None:
        """
        Draw an English sentence that its passage carries and one that is not carried.

        Parameters
        ----------
        rng
            Makes all choices.

        Returns
        -------
        Example | None
            None if no set has both.

        """
        shares = {name: CLAIM_SHARES.get(name, 1) for name, both in self._claims.items() if len(both) == 2}
        if not shares:
            return None
        both = self._claims[_weighted(shares, rng)]
        pairs = []
        for carried in (True, False):
            claim = rng.choice(both[carried])
            pairs.append(Pair(claim.text, "", claim.passage, label=carried))
        return Example("carry", tuple(pairs))

    def _asked(self, rng: Random) -> Question:
        shares = {source: QUESTION_SHARES.get(source, 1) for source in self._answerable}
        return rng.choice(self._answerable[_weighted(shares, rng)])

    def _near(self, asked: Question, rng: Random) -> Question | None:
        """Choose another passage of the article, or one with the question's words."""
        answer = asked.passage[slice(*asked.answer)].casefold() if asked.answer else ""
        same = [q for q in self._documents[asked.source, asked.document] if q.passage != asked.passage]
        same = [q for q in same if not answer or answer not in q.passage.casefold()]
        if same and rng.random() < 0.6:
            return rng.choice(same)
        texts = [t for t in self._neighbours[asked.language].nearest(asked.text, 6) if t != asked.passage]
        texts = [t for t in texts if not answer or answer not in t.casefold()]
        if texts:
            return _as_question(rng.choice(texts), asked)
        return rng.choice(same) if same else None


def _two(text: str, title: str, answers: Window, other: Pair) -> Example:
    spans: tuple[tuple[int, int], ...] = ()
    if answers.answer:
        spans = (answers.answer, *items(answers.text, *answers.answer))
    return Example("question", (Pair(text, title, answers.text, label=True, spans=spans), other))


def _changed_question(asked: Question, passage: str, other: Question, rng: Random) -> str | None:
    """Put another year into a question, or a name of another question, which the passage does not have."""
    changed = other_year(asked.text, passage, rng)
    if changed:
        return changed
    names = [m for m in _NAME.finditer(asked.text) if m.group() in passage]
    others = [m.group() for m in _NAME.finditer(other.text) if m.group() not in passage]
    if not names or not others or asked.language != other.language:
        return None
    hit = rng.choice(names)
    return asked.text[: hit.start()] + rng.choice(others) + asked.text[hit.end() :]


def _said(asked: Question, answer: str, *, plain: bool) -> str:
    sentence = as_sentence(asked.text, answer) if asked.language == "de" and not plain else None
    return sentence or f"{asked.text} {answer}"


def _alike(right: str, passage: str, question: str, rng: Random) -> str | None:
    """Choose something from the passage that looks like the answer: a number for a number, a name for a name."""
    pattern = (
        re.compile(r"\d+(?:[.,]\d+)*") if right[:1].isdigit() else re.compile(r"[A-ZÄÖÜ][\w-]{2,}(?: [A-ZÄÖÜ][\w-]+)*")
    )
    others = sorted({m.group() for m in pattern.finditer(passage)})
    others = [o for o in others if o not in right and right not in o and o not in question]
    if not others:
        return None
    chosen = rng.choice(others)
    if right[:1].isdigit():
        return re.sub(r"^\d+(?:[.,]\d+)*", chosen, right)
    return chosen


def _as_question(passage: str, asked: Question) -> Question:
    return type(asked)(
        source=asked.source,
        language=asked.language,
        text=asked.text,
        title="",
        document="",
        passage=passage,
        answer=None,
        answerable=False,
    )


def _weighted(shares: dict[str, int], rng: Random) -> str:
    return rng.choices(list(shares), list(shares.values()))[0]
