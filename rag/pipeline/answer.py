"""
Answer a question, as a stream of events.

The language model says whether the sources answer the question and drafts the answer in a few words. What is shown is
the place in the sources that holds these words; the model's own words are never shown as if they came from a source.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from index.text.language import detect
from index.text.locale import each
from rag.composing import COMPOSED, compose
from rag.grounding.anchoring import Anchor, anchored, settled_beginning
from rag.grounding.answerability import needed
from rag.grounding.likely import likely
from rag.grounding.reader import STANDS_OUT, SURE
from rag.kinds import fits
from rag.limits import LONGEST_DRAFT, MOST_UNREAD
from rag.pipeline.gates import admits_open, chance_of
from rag.pipeline.kind import TALKS
from rag.pipeline.several import Before, confirmed, emphasised, presented, second_choice, understandable
from rag.pipeline.shown import Shown
from rag.pipeline.stages import bearings_of, few
from rag.pipeline.values import Asked
from rag.retrieval.evidence import CHARACTERS_AFTER_READER, READ, READ_AFTER_READER, merged, nearest
from rag.retrieval.unread import beside, unread_at_all
from rag.talk import following as go_on
from rag.talk import reply
from rag.types import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    Event,
    Evidence,
    EvidenceReady,
    Filter,
    Finished,
    Likely,
    SentenceChecked,
)
from rag.types.arrangement import as_text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from rag.composing import Composition
    from rag.grounding.reader import Judgement
    from rag.kinds import Kind
    from rag.pipeline.pipeline import Pipeline
    from rag.pipeline.protocols import Pointing
    from rag.pipeline.values import Options
    from rag.retrieval.view import View
    from rag.types import EvidenceSentence, Query

ABSTENTION = each("prompts.abstention")
_SILENT_ABOUT = each("talk.silent_about")
_TRANSLATED_OF = each("talk.translated_of")

# Characters of a document from which its language is detected: a sentence is too short for that, and a title in another
# language misleads.
_LANGUAGE_SAMPLE = 4000
# Where no draft is written, the share of its words that the place is assumed to hold: places held 0.79 of the words of
# drafts on 40 questions that have an answer (0.35 on 29 that have none).
_SHARE_UNWRITTEN = 0.8


class AnswerRun:
    """
    The state of one answer in progress.

    Parameters
    ----------
    pipeline, view
        The stages, and what they search.
    query, options
        The question, and how to answer it. Its kind is guessed if it has none.

    """

    def __init__(self, pipeline: Pipeline, view: View, query: Query, options: Options) -> None:
        self._stages = pipeline
        self._view = view
        self._options = options
        self._kind: Kind
        self._is_given = query.kind is not None
        self._kind, self._in_doubt = (query.kind, False) if query.kind else pipeline.kinds.guess(query, view)
        self._query = replace(query, kind=self._kind)
        self._shown = Shown(view, options.restrict)
        self._searched: tuple[int, int] | None = None
        self._read = False
        self._evidence: tuple[EvidenceSentence, ...] = ()
        self._unanswered: list[str] = []
        self._likely: list[Citation] = []
        self._silent: tuple[str, ...] = ()
        self._chances: list[float | None] = []

    def events(self) -> Generator[Event]:
        """Yield the events, `rag.types.Finished` last."""
        if self._kind in TALKS:
            yield from self._talk()
            return
        typed, self._query = self._query, self._stages.rewriter.rewrite(self._query, self._view)
        self._read = self._query.generated
        if not self._is_given and (again := self._stages.kinds.guess_again(typed, self._query, self._view)):
            self._kind, self._in_doubt = again
            self._query = replace(self._query, kind=self._kind)
        if self._kind in COMPOSED:
            with closing(self._composed()) as composed:
                if (yield from composed):
                    yield self._finish()
                    return
        parts = [self._asked(query) for query in self._stages.splitter.split(self._query)]
        sentences = parts[0].evidence if len(parts) == 1 else merged([part.evidence for part in parts])
        if self._evidence:  # an answer of several sentences was tried first
            self._evidence = merged([self._evidence, sentences])
        else:
            self._evidence = sentences
            self._shown.note_evidence()
            yield EvidenceReady(Evidence(self._evidence, self._query))
        parts = [self._judged(part) for part in parts]
        for part in parts:
            if not _is_sure(part):
                yield from self._guess(part)
        for part in parts:
            with closing(self._answer(part)) as answered:
                found = yield from answered
            if not found:
                self._unanswered.append(part.query.question)
        yield from self._translation()
        yield self._finish()

    def _talk(self) -> Iterator[Event]:
        """Answer input that is not a question to the articles, in the program's own words."""
        query, view = self._query, self._view
        vector = view.vector(query.question) if fits(view.embedder.fingerprint) else None
        asked = [question for question, _ in query.history]
        said = reply(query.question, view.index, kind=self._kind, language=query.language, vector=vector, asked=asked)
        self._shown.note_evidence()
        yield EvidenceReady(Evidence((), query))
        self._shown.note_text()
        for sentence in said.sentences:
            self._shown.sentences.append(sentence)
            yield SentenceChecked(sentence, "kept")
        yield self._finish(said.following)

    def _composed(self) -> Generator[Event, None, bool]:
        """Answer with several sentences; return False if that fails and the answer may be a fact instead."""
        query, view = self._query, self._view
        retriever = self._stages.retriever
        scores = partial(bearings_of, self._stages.reader)
        before = Before(self._stages, query, view, self._kind)
        composition = compose(
            self._kind, query, view, restrict=self._options.restrict, retriever=retriever, scores=scores, context=before
        )
        self._silent = tuple(_SILENT_ABOUT[query.language].format(name=name) for name in composition.absent)
        if not (composition.pieces or composition.absent):
            return False
        answers, needs = composition.answers, needed(self._options.strictness)
        seems_answered = answers is None or answers >= needs
        if self._in_doubt and not (seems_answered or composition.absent):
            self._take_for_fact()
            return False
        asked = self._asked(query)
        asked = replace(asked, read=composition.read or asked.read)
        yield self._found(asked, composition)
        # If the question may ask for a fact after all, show nothing provisional that might have to be withdrawn.
        first = composition.pieces if seems_answered and not self._in_doubt else ()
        for piece, context in understandable(first, before):
            yield self._shown.delta(presented(self._stages, asked, piece, context))
        again = second_choice(self._stages, asked, self._kind, composition, before) if composition.second else None
        composition = again or composition
        admitted = self._admits_open(composition)
        if self._in_doubt and not (admitted or composition.absent):
            self._take_for_fact()
            return False
        self._searched = composition.searched
        self._read = self._read or again is not None
        pieces = composition.pieces if admitted else ()
        if pieces and composition.in_doubt:
            self._read = True
            pieces = pieces if asked.read and confirmed(self._stages, asked, self._options.strictness) else ()
        for piece, context in understandable(pieces, before):
            shown = emphasised(self._stages, asked, piece) if self._kind == "list" else piece
            yield from self._shown.say(presented(self._stages, asked, shown, context))
        if pieces:
            yield from self._translation()
        return True

    def _take_for_fact(self) -> None:
        self._kind = "fact"
        self._query = replace(self._query, kind=self._kind)

    def _admits_open(self, composition: Composition) -> bool:
        """Tell whether the articles answer as surely as the strictness requires."""
        answers = composition.answers
        return bool(composition.pieces) and (
            answers is None or admits_open(self._stages.gate, answers, strictness=self._options.strictness)
        )

    def _found(self, asked: Asked, composition: Composition) -> EvidenceReady:
        """Report what was found: all sentences that the answer can be made of."""
        chosen = [one.sentence for one in composition.pieces]
        may_be_chosen = [one.sentence for one in composition.candidates]
        self._evidence = merged([asked.evidence, composition.read, chosen, may_be_chosen])
        self._shown.note_evidence()
        return EvidenceReady(Evidence(self._evidence, self._query))

    def _asked(self, query: Query) -> Asked:
        evidence = self._stages.find(query, self._view, restrict=self._options.restrict, k=self._options.k)
        return Asked(query, self._view, evidence, nearest(evidence, READ))

    def _judged(self, part: Asked) -> Asked:
        """Let the small reader read first; the sentences it finds likeliest are left for the language model to read."""
        judgement = self._stages.reader.judge(part.query, part.evidence)
        if judgement is None or not judgement.odds:
            return replace(part, judgement=judgement)
        likeliest = part.evidence[judgement.sentence]
        chosen = nearest(part.evidence, READ_AFTER_READER, judgement.odds, characters=CHARACTERS_AFTER_READER)
        read = {(one.path, one.start) for one in chosen}
        # The context is needed too: "Damals gingen 300 Menschen hinüber" answers nothing by itself.
        read |= {(one.path, one.start) for one in self._stages.selector.context(part.query, likeliest, self._view)}
        return replace(
            part, judgement=judgement, read=tuple(one for one in part.evidence if (one.path, one.start) in read)
        )

    def _guess(self, part: Asked) -> Iterator[Likely]:
        """Show the sentence that probably answers, until the language model has read the evidence."""
        sentence = likely(part.query.standalone, part.evidence, part.judgement)
        if sentence is None:
            return
        whole = Anchor(0, 0, len(sentence.text), 1.0)
        alone = replace(part, read=(sentence,), contexts=((),))
        found = self._stages.presenter.present(alone, whole, "")[-1]
        self._likely.append(found.citation)
        self._shown.note_useful()
        yield Likely(replace(found.sentence, status="marked"), (found.citation,))

    def _answer(self, part: Asked) -> Generator[Event, None, bool]:
        """Answer one part of the question; return whether the sources answer it."""
        if not part.read:
            return False
        judgement = part.judgement
        if judgement is not None and _is_sure(part):
            yield from self._read_by_reader(part, judgement, judgement.probability)
            return True
        stages, query = self._stages, part.query
        part = replace(part, contexts=tuple(stages.selector.context(query, one, self._view) for one in part.read))
        # The model answers a closed question with "Ja, ...", which no source says: the place is the reader's sentence.
        closed = self._kind == "yes_no"
        stands_out = judgement is not None and (closed or judgement.share >= STANDS_OUT)
        self._read = True
        with stages.generator.read(part) as pointing:
            confirmation = pointing.confirmation()
            # A draft of which the sources hold every word (share 1.0) is the best case: if even that is not admitted,
            # no draft needs to be written.
            if not self._admits(part, confirmation, _SHARE_UNWRITTEN if stands_out else 1.0):
                return False
            draft = ""
            if not stands_out:
                with closing(self._pointed_at(part, pointing)) as pointed:
                    draft = yield from pointed
        if judgement is not None and stands_out:
            chance = chance_of(stages.gate, part, confirmation, share=_SHARE_UNWRITTEN)
            yield from self._read_by_reader(part, judgement, chance)
            return True
        place = stages.verifier.place(draft, part)
        if place is None or not self._admits(part, confirmation, place.share):
            return False
        self._chances.append(chance_of(stages.gate, part, confirmation, share=place.share))
        yield from self._shown.say(stages.presenter.present(part, place, draft))
        for quotations in stages.presenter.further(part, place, draft):
            yield from self._shown.say(quotations)
        return True

    def _admits(self, asked: Asked, confirmation: tuple[float, float], share: float) -> bool:
        return self._stages.gate.admits(asked, confirmation, share=share, strictness=self._options.strictness)

    def _read_by_reader(self, part: Asked, judgement: Judgement, chance: float | None) -> Iterator[Event]:
        """Show the place that the small reader points at."""
        self._chances.append(chance)
        sentence = part.evidence[judgement.sentence]
        context = self._stages.selector.context(part.query, sentence, self._view)
        alone = replace(part, read=(sentence,), contexts=(context,))
        place = anchored(0, sentence.text, judgement.start, judgement.end)
        draft = sentence.text[judgement.start : judgement.end]
        yield from self._shown.say(self._stages.presenter.present(alone, place, draft))
        for quotations in self._stages.presenter.further(alone, place, draft):
            yield from self._shown.say(quotations)

    def _pointed_at(self, part: Asked, pointing: Pointing) -> Generator[Event, None, str]:
        """Let the model write a draft, show its place as soon as that is hardly in doubt, and return the draft."""
        draft, place = "", self._stages.verifier.foresee(part)
        if told := place is not None:
            yield self._provisional(part, place, draft)
        pieces = pointing.draft()
        try:
            for piece in pieces:
                draft = (draft + piece)[:LONGEST_DRAFT]
                if len(draft) == LONGEST_DRAFT:
                    break
                if told or not (begun := settled_beginning(draft, part.query.standalone)):
                    continue
                place = self._stages.verifier.place(begun, part)
                if place is not None and place.share > 0:
                    told = True
                    yield self._provisional(part, place, begun)
        finally:
            _close(pieces)
        return draft

    def _provisional(self, part: Asked, place: Anchor, draft: str) -> Delta:
        return self._shown.delta(self._stages.presenter.present(part, place, draft))

    def _translation(self) -> Iterator[Event]:
        """Translate the quotations that are in another language than the question."""
        language, documents = self._query.language, self._view.index.documents
        composed = self._kind in COMPOSED  # then only the first few sentences that answer are translated
        cited = self._shown.answering() if composed else self._shown.citations
        foreign = [one.quote for one in cited if detect(documents[one.path].text[:_LANGUAGE_SAMPLE]) != language]
        taken = few(foreign, composed=composed)
        text = self._stages.translator.translate(taken, language) if taken else ""
        if text:
            self._read = True
            if len(taken) < len(foreign):
                text = f"{text} {_TRANSLATED_OF[language].format(done=len(taken), all=len(foreign))}"
            translated = AnswerSentence(text, 0.0, "marked", wording="model")
            self._shown.sentences.append(translated)
            yield SentenceChecked(translated, "marked")

    def _finish(self, following: tuple[str, ...] = ()) -> Finished:
        query = self._query
        abstained = not self._shown.sentences
        said = as_text(sentence for sentence in self._shown.sentences if sentence.wording != "model")
        text = ABSTENTION[query.language] if abstained else said
        unread = beside(self._view.index.documents, self._shown.citations, self._evidence)
        if abstained and self._asks_all_articles():
            unread = (*unread_at_all(self._view.left_out(), query.standalone), *unread)[:MOST_UNREAD]
        return Finished(
            self._with_following(
                Answer(
                    query.question,
                    query.standalone,
                    text,
                    abstained,
                    self._read and not abstained,
                    query.language,
                    tuple(self._shown.sentences),
                    tuple(self._shown.citations),
                    self._evidence,
                    self._shown.timings(),
                    {
                        "embedding": self._view.embedder.fingerprint,
                        "llm": self._stages.generator.fingerprint if self._read else "",
                    },
                    self._view.index.fingerprint,
                    (*self._silent, *(() if abstained else self._unanswered)),
                    unread,
                    self._kind,
                    None if abstained else self._searched,
                    following,
                    tuple(self._likely),
                    self._confidence(),
                )
            )
        )

    def _confidence(self) -> float | None:
        """Return how likely every part is answered correctly: as likely as the least likely part."""
        known = [self._options.scale.of(chance) for chance in self._chances if chance is not None]
        return min(known) if self._shown.sentences and len(known) == len(self._chances) > 0 else None

    def _with_following(self, answer: Answer) -> Answer:
        if answer.following:
            return answer
        asked = [question for question, _ in self._query.history]
        return replace(answer, following=go_on(answer, self._view.index, asked=asked))

    def _asks_all_articles(self) -> bool:
        """Tell whether no source or date is required: of a file that could not be read neither is known."""
        restrict = self._options.restrict
        return restrict is None or replace(restrict, collection="articles") == Filter()


def _close(pieces: Iterable[str]) -> None:
    """Close a draft: if it is a generator, that stops the model; other iterables may have no ``close``."""
    getattr(pieces, "close", lambda: None)()


def _is_sure(part: Asked) -> bool:
    """Tell whether the small reader is sure enough to answer without the language model."""
    return part.judgement is not None and part.judgement.probability >= SURE
