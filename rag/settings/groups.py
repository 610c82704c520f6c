"""The settings of each stage. A field's alias is its name as an argument and, after ``RAG_``, as a variable."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads it when the program runs
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from index.reading.extraction.recognition.scans import AUTO, is_languages
from index.reading.json_records import Fields
from index.reading.options import ReadingOptions
from rag.limits import HIGHEST_LONGEST_QUESTION, LONGEST_QUESTION, MOST_PASSAGES


def _json_fields(written: str) -> str:
    Fields.parse(written)
    return written


def _languages(written: str) -> str:
    if not is_languages(written):
        raise ValueError("neither auto nor off nor languages as Tesseract names them, such as deu+eng")
    return written


class Group(BaseModel):
    """The settings of one stage."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Reading(Group):
    """Which files are read, and how."""

    json_files: Annotated[str, AfterValidator(_json_fields)] = Field(
        default="",
        description="Reads .json and .jsonl too: `on`, or which of their fields, as text=body+lead,title=headline.",
    )
    ocr: Annotated[str, AfterValidator(_languages)] = Field(
        default=AUTO, description="Languages that scanned pages and pictures are read in, as deu+eng; auto or off."
    )

    @property
    def options(self) -> ReadingOptions:
        """These settings in the form that `index` takes."""
        return ReadingOptions(Fields.parse(self.json_files), self.ocr)


class OwnFiles(Group):
    """Files of the user's own."""

    folder: Path | None = Field(
        default=None,
        alias="uploads",
        description="Folder of the user's own files; beside the index, with -uploads after its name.",
    )
    files: int = Field(
        default=50, ge=0, le=10_000, alias="upload_files", description="Most files of one's own; 0 takes none."
    )
    file_megabytes: int = Field(
        default=20, ge=1, le=50, alias="upload_file_megabytes", description="Largest file of one's own."
    )
    total_megabytes: int = Field(
        default=200, ge=1, alias="upload_total_megabytes", description="Most for all files of one's own together."
    )
    owners: int = Field(
        default=200, ge=1, le=100_000, alias="upload_owners", description="Most users of the app with files."
    )
    owners_megabytes: int = Field(
        default=2000, ge=1, alias="upload_owners_megabytes", description="Most for the files of all these together."
    )
    days: int = Field(
        default=0,
        ge=0,
        alias="upload_days",
        description="Files of one's own that nobody has used for so many days are removed; 0: never.",
    )


class Embedding(Group):
    """The embedding model."""

    model: str = Field(
        default="multilingual-e5-small",
        alias="embedding_model",
        description="Name in the catalogue, hub id, folder, or URL of an OpenAI-compatible server.",
    )
    api_key: str = Field(
        default="", alias="embedding_api_key", description="Key for that server, where it asks for one.", repr=False
    )
    api_model: str = Field(
        default="", alias="embedding_api_model", description="Model to ask that server for; its first where empty."
    )
    query_prefix: str = Field(
        default="", alias="embedding_query_prefix", description="What a server's model wants before a question."
    )
    passage_prefix: str = Field(
        default="", alias="embedding_passage_prefix", description="What a server's model wants before a passage."
    )


class Generation(Group):
    """The language model."""

    model: str = Field(
        default="qwen2.5-coder-1.5b",
        alias="llm",
        description="Name in the catalogue, hub id, folder, .gguf file, or URL of an OpenAI-compatible server.",
    )
    api_key: str = Field(
        default="", alias="llm_api_key", description="Key for the server, where it asks for one.", repr=False
    )
    api_model: str = Field(
        default="", alias="llm_api_model", description="Model to ask the server for; its first where empty."
    )

    @property
    def is_served(self) -> bool:
        """Whether a server runs it."""
        return self.model.strip().lower().startswith(("http://", "https://"))


class Machine(Group):
    """What runs the models."""

    threads: int = Field(default=0, ge=0, description="Processor threads for the models; 0 takes all cores.")
    device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto", description="What runs the models: auto takes a graphics card where there is a separate one."
    )
    runtime: Literal["openvino", "ctranslate2", "fastest"] = Field(
        default="openvino",
        description="What runs the default language model: openvino gives nearly the same answers on every machine; fastest "
        "takes what reads fastest on this processor.",
    )


class Retrieval(Group):
    """What an answer is looked for in."""

    passages: int = Field(default=12, ge=1, le=MOST_PASSAGES, description="Passages that evidence is picked from.")
    evidence_tokens: int = Field(
        default=340, ge=40, le=4000, description="Budget for evidence in the prompt, in the model's tokens."
    )


class Answering(Group):
    """Whether and how a question is answered."""

    max_answer_tokens: int = Field(default=96, ge=8, le=1024, description="Longest answer, in the model's tokens.")
    max_question_chars: int = Field(
        default=LONGEST_QUESTION, ge=50, le=HIGHEST_LONGEST_QUESTION, description="Longer questions are refused."
    )
    reader: Literal["auto", "small", "off"] = Field(
        default="auto",
        description=(
            "Whether the small networks are used: the reader, which answers where it is sure, without the language model,"
            " and the one that tells what a question asks for. `small`: the language model does not read answers of"
            " several sentences a second time, nor does it write follow-ups out, so that most answers are there at once, and"
            " more of them are wrong."
        ),
    )
    translate: bool = Field(
        default=False,
        description="Whether the language model translates what is shown where the question is in another language, "
        "labelled as unchecked. The default model gets four of ten sentences wrong.",
    )
    # Between 0.5 and 0.7 the mean of the two error rates hardly differs, see docs/confidence.md.
    strictness: float = Field(
        default=0.6,
        ge=0.0,
        le=1.0,
        description="How likely the evidence must be to hold an answer: 0 always answers; the higher, the likelier. "
        "Where it is set, `rag calibrate` has no say.",
    )


class StageNames(Group):
    """Stages that other packages bring."""

    rewriter: str = Field(default="", description="What makes a follow-up one question, by a plug-in.")
    splitter: str = Field(default="", description="How questions are taken apart, by a plug-in.")
    retriever: str = Field(default="", description="What finds passages, by a plug-in.")
    selector: str = Field(default="", description="What picks sentences, by a plug-in.")
    gate: str = Field(default="", description="What decides whether there is an answer, by a plug-in.")
    generator: str = Field(default="", description="What points at the answer, by a plug-in.")
    verifier: str = Field(default="", description="What finds the place in the sources, by a plug-in.")
    presenter: str = Field(default="", description="What is shown of the place, by a plug-in.")
    translator: str = Field(default="", description="What translates, by a plug-in.")


class Serving(Group):
    """Many who ask at once."""

    max_waiting: int = Field(
        default=32, ge=0, description="Questions that may wait for the language model; more are refused as busy."
    )
    remembered_answers: int = Field(
        default=256, ge=0, description="Answers kept in memory for when the same is asked again; 0 keeps none."
    )
    serve: Literal["use", "auto", "off"] = Field(
        default="use",
        description="Whether `rag ask` and `rag search` use a `rag serve` that runs; auto starts one, off uses none.",
    )
    serve_idle_minutes: float = Field(
        default=10, gt=0, le=100_000, description="`rag serve` ends when nobody has asked for so long."
    )


class ReaderFeedback(Group):
    """What readers say of answers."""

    enabled: bool = Field(
        default=True, alias="feedback", description="Whether readers of the app may say what they think of answers."
    )
    file: Path | None = Field(
        default=None,
        alias="feedback_file",
        description="Where that is kept; beside the index where not set: rag-feedback.jsonl for .rag.",
    )
    max_bytes: int = Field(
        default=10_000_000,
        ge=1000,
        alias="feedback_bytes",
        description="A feedback file of this size takes no more.",
    )
