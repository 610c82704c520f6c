"""A bound that was measured, and whether it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from index.errors import RagError
from rag.grounding.confidence import Scale

Risk = Literal["false_answers", "wrong_citations"]
RISKS: tuple[Risk, ...] = ("false_answers", "wrong_citations")
WRONG: dict[Risk, str] = {
    "false_answers": "given though the articles hold none",
    "wrong_citations": "without a right citation, or given though the articles hold none",
}
"""What an answer is that counts for wrong, after "is" or "are"."""

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Part = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]
_Text = Annotated[str, StringConstraints(max_length=500)]
_Weight = Annotated[float, Field(gt=-1000, lt=1000, allow_inf_nan=False)]


class CalibrationError(RagError):
    """A calibration cannot be made, read or written."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """
    A strictness, and what was measured about it.

    Parameters
    ----------
    strictness
        Strictness at which the risk is kept, 0 to 1.
    risk
        Share of the shown answers that may be wrong.
    on
        What counts as wrong, see `WRONG`.
    confidence
        Confidence with which the risk is kept, 0 to 1.
    set, set_sha256
        Name and digest of the set.
    questions, answered, wrong
        Number of questions in the set, of answers given at this strictness, and of those answers that are wrong.
    bound
        Upper bound on the share that is wrong in the long run; at most ``risk``.
    slope, offset
        The scale of `rag.types.Answer.confidence` that was fitted on the set, see `rag.calibrating.scaling`.
    fingerprints
        Fingerprints of what it was measured with: models, index, prompt, settings except the strictness, code.

    """

    strictness: _Share
    risk: _Part
    on: Risk
    confidence: _Part
    set: _Text
    set_sha256: _Text
    questions: _Count
    answered: _Count
    wrong: _Count
    bound: _Share
    slope: _Weight
    offset: _Weight
    fingerprints: dict[_Text, _Text]

    @property
    def scale(self) -> Scale:
        """The scale that turns a probability into a measured one."""
        return Scale(self.slope, self.offset)

    @property
    def most(self) -> str:
        """How many of a hundred answers may be wrong."""
        return f"{100 * self.risk:.4g}"

    @property
    def percent(self) -> str:
        """The confidence in percent."""
        return f"{100 * self.confidence:.6g}"

    def to_json(self) -> dict[str, Any]:
        """Return the object that is stored, and that `rag calibrate --json` prints."""
        return asdict(self)


CALIBRATIONS: TypeAdapter[Calibration] = TypeAdapter(Calibration)

State = Literal["none", "holds", "changed", "damaged", "set"]


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Whether a bound holds.

    Parameters
    ----------
    state
        ``none``: nothing was measured; ``holds``: the bound applies; ``changed``: something has changed since;
        ``damaged``: the file is unusable; ``set``: the user has set a strictness.
    strictness
        Strictness that applies if a question names none.
    calibration
        What was measured; None if there is nothing, or nothing that can be read.
    what
        What has changed, or what is wrong with the file.

    """

    state: State
    strictness: float
    calibration: Calibration | None = None
    what: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `rag calibrate --json` prints if nothing is measured."""
        known = self.calibration
        return {
            "state": self.state,
            "strictness": self.strictness,
            "told": self.told,
            "calibration": None if known is None else known.to_json(),
        }

    @property
    def told(self) -> str:
        """The same in one line."""
        used = f"The strictness is {self.strictness:g}"
        known = self.calibration
        again = "Run `rag calibrate` again, or `rag calibrate --forget`."
        if self.state == "damaged":
            return f"No bound holds: {self.what}. {used}. {again}"
        if known is None:
            return f"No bound holds: none has been measured (run `rag calibrate SET --risk 0.10`). {used}."
        if self.state == "changed":
            return f"The bound of {known.set} no longer holds: {self.what} changed since then. {used}. {again}"
        if self.state == "set":
            return f"The bound of {known.set} is not used: RAG_STRICTNESS or its argument is {self.strictness:g}."
        counts = f"{known.wrong} of {known.answered} answers to its {known.questions} questions"
        return (
            f"Of 100 answers to questions like those of {known.set}, at most {known.most} are {WRONG[known.on]}, with "
            f"{known.percent} % confidence ({counts} are; strictness {known.strictness:g})."
        )
