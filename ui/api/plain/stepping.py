"""The events of an answer as JSON, each under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from pydantic import TypeAdapter

from rag.types import AnswerSentence, Delta, EvidenceReady, EvidenceSentence, Finished, Likely, SentenceChecked

if TYPE_CHECKING:
    from rag.types import Event

_SENTENCES: TypeAdapter[AnswerSentence] = TypeAdapter(AnswerSentence)
_EVIDENCE: TypeAdapter[tuple[EvidenceSentence, ...]] = TypeAdapter(tuple[EvidenceSentence, ...])
NAMES = ("evidence", "likely", "delta", "sentence", "finished", "error")


def stepped(event: Event) -> tuple[str, Any]:
    """Return the name of an event and its data; sentences and citations have the same form as in an answer."""
    match event:
        case EvidenceReady(evidence):
            found = _EVIDENCE.dump_python(
                evidence.sentences, mode="json", by_alias=True, exclude={"__all__": {"title"}}
            )
            query = evidence.query
            said = {"standalone_question": query.standalone, "language": query.language, "kind": query.kind}
            return "evidence", {"evidence": found, **said}
        case Likely(sentence, citations):
            return "likely", {"sentence": _sentence(sentence), "citations": [one.to_json() for one in citations]}
        case Delta(text):
            return "delta", {"text": text}
        case SentenceChecked(sentence, verdict, citations):
            of_it = [one.to_json() for one in citations]
            return "sentence", {"sentence": _sentence(sentence), "verdict": verdict, "citations": of_it}
        case Finished(answer):
            return "finished", answer.to_json()
        case _:
            assert_never(event)


def _sentence(sentence: AnswerSentence) -> Any:
    return _SENTENCES.dump_python(sentence, mode="json", by_alias=True)
