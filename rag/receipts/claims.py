"""
What an answer claims, read from JSON or from a receipt that anybody may have written.

Types are checked strictly: what is not an answer is refused in one line, before any of it is compared.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from index.errors import RagError
from rag.limits import MOST_RECEIPT_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
"""Of a receipt: grows with every change of what `rag.receipts.page.receipt` writes."""
HINT = "Give what `rag ask --json` printed, or a receipt that was saved."
_Count = Annotated[int, Field(ge=0)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)


class ClaimedSentence(_Read):
    """A sentence, see `rag.types.AnswerSentence`."""

    text: str
    status: Literal["kept", "marked", "withdrawn"]
    citations: list[_Count]
    wording: Literal["source", "model", "app"]
    emphasis: list[list[int]] = []
    role: Literal["answer", "context"] = "answer"
    group: str = ""


class ClaimedCitation(_Read):
    """A citation, see `rag.types.Citation`; over HTTP its path is called ``document``."""

    path: str = Field(validation_alias=AliasChoices("path", "document"))
    start: int
    end: int
    quote: str
    title: str
    document_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    page: int | None = None
    page_label: str | None = None
    machine_read: bool = False
    also_in: list[str] = []


class ClaimedEvidence(_Read):
    """A sentence of evidence, see `rag.types.EvidenceSentence`."""

    path: str = Field(validation_alias=AliasChoices("path", "document"))
    start: int
    end: int
    text: str


class ClaimedAnswer(_Read):
    """An answer, see `rag.types.Answer.to_json`."""

    question: str
    answer: str
    abstained: bool
    language: str
    sentences: list[ClaimedSentence] = Field(max_length=MOST_RECEIPT_ITEMS)
    citations: list[ClaimedCitation] = Field(max_length=MOST_RECEIPT_ITEMS)
    evidence: list[ClaimedEvidence] = Field(max_length=MOST_RECEIPT_ITEMS)
    models: dict[str, str]
    kind: str = "fact"
    index: str = ""
    unanswered: list[str] = []
    standalone_question: str = ""


class Claim(_Read):
    """
    An answer and, in a receipt, the text around its quotes.

    Parameters
    ----------
    receipt
        Format of the receipt; 0 if it is an answer alone.
    made
        When the receipt was made, ISO 8601.
    language
        Language of the receipt's own words.
    surroundings
        For each citation, the characters before its quote and those after it.
    answer
        The answer.
    altered
        First line of a receipt that differs from the one that its data gives, from 1; 0 if the page is unaltered.

    """

    receipt: int = 0
    made: str = ""
    language: str = ""
    surroundings: list[list[str]] = []
    answer: ClaimedAnswer
    altered: int = 0


def parsed(text: str) -> dict[str, Any]:
    """Return the object in a JSON text; a name that occurs twice, or a number that is not one, is refused."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise RagError("The answer is nested too deeply to be read.", hint=HINT) from error
    except json.JSONDecodeError as error:
        raise RagError(f"The answer is not JSON (line {error.lineno}, column {error.colno}).", hint=HINT) from error
    except ValueError as error:
        raise RagError(f"The answer is not JSON that can be read: {error}.", hint=HINT) from error
    if not isinstance(value, dict):
        raise RagError("The JSON is not an answer: it is not an object in braces.", hint=HINT)
    return value


def answer_of(value: object) -> ClaimedAnswer:
    """Return an answer; raise a `RagError` that names what is missing or has the wrong type."""
    try:
        return ClaimedAnswer.model_validate(value)
    except ValidationError as error:
        raise not_readable(error, "This is not an answer, or one of another version") from error
    except RecursionError as error:
        raise RagError("The answer is nested too deeply to be read.", hint=HINT) from error


def not_readable(error: ValidationError, what: str) -> RagError:
    """Return an error that says in one line what could not be read."""
    first = error.errors(include_url=False, include_input=False)[0]
    return RagError(f"{what}: {_place(first['loc'])}: {first['msg'][0].lower()}{first['msg'][1:]}.", hint=HINT)


def _place(steps: Iterable[object]) -> str:
    place = ""
    for step in steps:
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
    return place.lstrip(".")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("a number is too large")
    return number
