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
        raise ValueError("it must be auto, off, or languages in Tesseract's form, such as deu+eng")
    return written


class Group(BaseModel):
    """The settings of one stage."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Reading(Group):
    """Which files are read, and how."""

    json_files: Annotated[str, AfterValidator(_json_fields)] = Field(
        default="",
        description="Whether .json and .jsonl files are read too: `on`, or the names of their fields, such as "
        "text=body+lead,title=headline. They are not read by default.",
    )
    ocr: Annotated[str, AfterValidator(_languages)] = Field(
        default=AUTO,
        description="Languages for the text recognition of scanned pages and pictures, such as deu+eng. auto uses German "
        "and English if they are installed; off reads no scans.",
    )

    @property
    def options(self) -> ReadingOptions:
        """These settings in the form that `index` takes."""
        return ReadingOptions(Fields.parse(self.json_files), self.ocr)


class OwnFiles(Group):
    """The users' own files."""

    folder: Path | None = Field(
        default=None,
        alias="uploads",
        description="Folder for files that users add. By default it is beside the index and named after it: `.rag-uploads` for `.rag`.",
    )
    files: int = Field(
        default=50,
        ge=0,
        le=10_000,
        alias="upload_files",
        description="Maximum number of files that each user may add; 0 allows none.",
    )
    file_megabytes: int = Field(
        default=20,
        ge=1,
        le=50,
        alias="upload_file_megabytes",
        description="Maximum size of each of these files, in MB.",
    )
    total_megabytes: int = Field(
        default=200,
        ge=1,
        alias="upload_total_megabytes",
        description="Maximum size of all files of one user together, in MB.",
    )
    owners: int = Field(
        default=200,
        ge=1,
        le=100_000,
        alias="upload_owners",
        description="Maximum number of users of the app who have files.",
    )
    owners_megabytes: int = Field(
        default=2000,
        ge=1,
        alias="upload_owners_megabytes",
        description="Maximum size of the files of all users together, in MB.",
    )
    days: int = Field(
        default=0,
        ge=0,
        alias="upload_days",
        description="A user's files are removed if they have not been used for this number of days; 0 keeps them.",
    )


class Embedding(Group):
    """The embedding model."""

    model: str = Field(
        default="multilingual-e5-small",
        alias="embedding_model",
        description="Name in the catalogue, hub id, folder, or URL of an OpenAI-compatible server.",
    )
    api_key: str = Field(
        default="", alias="embedding_api_key", description="API key for the server, if it needs one.", repr=False
    )
    api_model: str = Field(
        default="",
        alias="embedding_api_model",
        description="Name of the model on the server; if empty, the server's first model.",
    )
    query_prefix: str = Field(
        default="", alias="embedding_query_prefix", description="Text that a server's model needs before each question."
    )
    passage_prefix: str = Field(
        default="",
        alias="embedding_passage_prefix",
        description="Text that a server's model needs before each passage.",
    )


class Generation(Group):
    """The language model."""

    model: str = Field(
        default="qwen2.5-coder-1.5b",
        alias="llm",
        description="Name in the catalogue, hub id, folder, .gguf file, or URL of an OpenAI-compatible server.",
    )
    api_key: str = Field(
        default="", alias="llm_api_key", description="API key for the server, if it needs one.", repr=False
    )
    api_model: str = Field(
        default="",
        alias="llm_api_model",
        description="Name of the model on the server; if empty, the server's first model.",
    )

    @property
    def is_served(self) -> bool:
        """Whether a server runs it."""
        return self.model.strip().lower().startswith(("http://", "https://"))


class Machine(Group):
    """What runs the models."""

    threads: int = Field(default=0, ge=0, description="Number of processor threads for the models; 0 uses all cores.")
    device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto", description="Device that runs the models; auto uses a separate graphics card if there is one."
    )
    runtime: Literal["openvino", "ctranslate2", "fastest"] = Field(
        default="openvino",
        description="Runtime of the default language model: openvino, which gives nearly the same answers on every machine, "
        "ctranslate2, or fastest, which uses whichever reads faster on this processor.",
    )


class Retrieval(Group):
    """Where answers are looked for."""

    passages: int = Field(
        default=12, ge=1, le=MOST_PASSAGES, description="Number of passages from which evidence is selected."
    )
    evidence_tokens: int = Field(
        default=340, ge=40, le=4000, description="Maximum length of the evidence in the prompt, in the model's tokens."
    )


class Answering(Group):
    """Whether and how a question is answered."""

    max_answer_tokens: int = Field(
        default=96, ge=8, le=1024, description="Maximum length of an answer, in the model's tokens."
    )
    max_question_chars: int = Field(
        default=LONGEST_QUESTION,
        ge=50,
        le=HIGHEST_LONGEST_QUESTION,
        description="Maximum length of a question, in characters; longer questions are refused.",
    )
    reader: Literal["auto", "small", "off"] = Field(
        default="auto",
        description=(
            "Whether the small networks are used: the readers, which answer single facts without the language model if they"
            " are sure and choose the sentences of longer answers, and the network that detects what a question asks for."
            " `auto` uses them. `small` uses them too, but the language model neither reads answers of several sentences a"
            " second time nor rewrites follow-up questions: most answers then appear at once, and more of them are wrong."
            " `off` uses none of them and leaves everything to the language model."
        ),
    )
    translate: bool = Field(
        default=False,
        description="Whether the language model translates the quoted sentences if the question is in another language. "
        "Translations are labelled as unchecked. The default model gets four of ten sentences wrong.",
    )
    # Between 0.5 and 0.7 the mean of the two error rates hardly differs, see docs/confidence.md.
    strictness: float = Field(
        default=0.6,
        ge=0.0,
        le=1.0,
        description="How likely it must be that the evidence contains an answer: 0 always answers, and higher values "
        "refuse more questions. If it is set, the result of `rag calibrate` is not used.",
    )


class StageNames(Group):
    """Stages that other packages provide."""

    rewriter: str = Field(default="", description="Plug-in that rewrites a follow-up as a complete question.")
    splitter: str = Field(default="", description="Plug-in that splits a question into parts.")
    retriever: str = Field(default="", description="Plug-in that finds passages.")
    selector: str = Field(default="", description="Plug-in that selects sentences.")
    gate: str = Field(default="", description="Plug-in that decides whether there is an answer.")
    generator: str = Field(
        default="", description="Plug-in that drafts an answer, which points at a place in the sources."
    )
    verifier: str = Field(default="", description="Plug-in that finds this place in the sources.")
    presenter: str = Field(default="", description="Plug-in that decides what is quoted from this place.")
    translator: str = Field(default="", description="Plug-in that translates the quoted sentences.")


class Serving(Group):
    """Many questions at once."""

    max_waiting: int = Field(
        default=32,
        ge=0,
        description="Maximum number of questions that wait for the language model; further ones are refused as busy.",
    )
    remembered_answers: int = Field(
        default=256,
        ge=0,
        description="Number of answers kept in memory in case the same question is asked again; 0 keeps none.",
    )
    serve: Literal["use", "auto", "off"] = Field(
        default="use",
        description="Whether `rag ask` and `rag search` use `rag serve`: use does if it is running, auto also starts it, and "
        "off does not.",
    )
    serve_idle_minutes: float = Field(
        default=10, gt=0, le=100_000, description="Minutes without a question after which `rag serve` ends."
    )


class ReaderFeedback(Group):
    """Feedback on answers."""

    enabled: bool = Field(
        default=True, alias="feedback", description="Whether users of the app can give feedback on answers."
    )
    file: Path | None = Field(
        default=None,
        alias="feedback_file",
        description="File for the feedback. By default it is beside the index: rag-feedback.jsonl for .rag.",
    )
    max_bytes: int = Field(
        default=10_000_000,
        ge=1000,
        alias="feedback_bytes",
        description="Maximum size of the feedback file, in bytes; after that, no more feedback is accepted.",
    )
