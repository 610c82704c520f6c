"""Settings: one frozen object, filled from arguments and RAG_* environment variables."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.errors import RagError
from index.reading.extraction.recognition.scans import AUTO, is_languages
from index.reading.json_records import Fields
from index.reading.options import ReadingOptions
from index.reading.spelled_paths import on_disk
from rag.limits import HIGHEST_LONGEST_QUESTION, LONGEST_QUESTION, MOST_PASSAGES

# What changes how fast answers come, or where from, but not what they say.
_NOT_ANSWERING = {
    "corpus",
    "index",
    "llm_api_key",
    "embedding_api_key",
    "store",
    "threads",
    "feedback",
    "feedback_file",
    "feedback_bytes",
}
_NOT_ANSWERING |= {"uploads", "upload_files", "upload_file_megabytes", "upload_total_megabytes"}
_NOT_ANSWERING |= {"upload_owners", "upload_owners_megabytes", "upload_days"}
_NOT_ANSWERING |= {"json_files", "ocr"}  # what they change is in the index
_NOT_ANSWERING |= {"max_waiting", "remembered_answers"}


def _json_fields(written: str) -> str:
    Fields.parse(written)
    return written


def _languages(written: str) -> str:
    if not is_languages(written):
        raise ValueError("neither auto nor off nor languages as Tesseract names them, such as deu+eng")
    return written


class Settings(BaseSettings):
    """
    What a user can change, each also as an environment variable: ``RAG_`` and the name in capitals.

    Raises
    ------
    pydantic.ValidationError
        A value is out of its range. `load_settings` turns it into a one-line error.

    """

    model_config = SettingsConfigDict(env_prefix="RAG_", frozen=True, extra="forbid")

    corpus: Annotated[Path, AfterValidator(on_disk)] = Field(default=Path("corpus"), description="Folder of articles.")
    index: Path = Field(default=Path(".rag"), description="Folder of the index.")
    store: str = Field(
        default="faiss",
        description="What keeps the vectors: `faiss`, or a store that another package brings, such as `milvus://host`.",
    )
    json_files: Annotated[str, AfterValidator(_json_fields)] = Field(
        default="",
        description="Reads .json and .jsonl too: `on`, or which of their fields, as text=body+lead,title=headline.",
    )
    ocr: Annotated[str, AfterValidator(_languages)] = Field(
        default=AUTO, description="Languages that scanned pages and pictures are read in, as deu+eng; auto or off."
    )
    uploads: Path | None = Field(
        default=None, description="Folder of the user's own files; beside the index, with -uploads after its name."
    )
    upload_files: int = Field(default=50, ge=0, le=10_000, description="Most files of one's own; 0 takes none.")
    upload_file_megabytes: int = Field(default=20, ge=1, le=50, description="Largest file of one's own.")
    upload_total_megabytes: int = Field(default=200, ge=1, description="Most for all files of one's own together.")
    upload_owners: int = Field(default=200, ge=1, le=100_000, description="Most users of the app with files.")
    upload_owners_megabytes: int = Field(default=2000, ge=1, description="Most for the files of all these together.")
    upload_days: int = Field(
        default=0, ge=0, description="Files of one's own that nobody has used for so many days are removed; 0: never."
    )
    embedding_model: str = Field(
        default="multilingual-e5-small",
        description="Name in the catalogue, hub id, folder, or URL of an OpenAI-compatible server.",
    )
    embedding_api_key: str = Field(default="", description="Key for that server, where it asks for one.", repr=False)
    embedding_api_model: str = Field(default="", description="Model to ask that server for; its first where empty.")
    embedding_query_prefix: str = Field(default="", description="What a server's model wants before a question.")
    embedding_passage_prefix: str = Field(default="", description="What a server's model wants before a passage.")
    llm: str = Field(
        default="qwen2.5-coder-1.5b",
        description="Name in the catalogue, hub id, folder, .gguf file, or URL of an OpenAI-compatible server.",
    )
    llm_api_key: str = Field(default="", description="Key for the server, where it asks for one.", repr=False)
    llm_api_model: str = Field(default="", description="Model to ask the server for; its first where empty.")
    threads: int = Field(default=0, ge=0, description="Processor threads for the models; 0 takes all cores.")
    device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto", description="What runs the models: auto takes a graphics card where there is a separate one."
    )
    passages: int = Field(default=12, ge=1, le=MOST_PASSAGES, description="Passages that evidence is picked from.")
    evidence_tokens: int = Field(
        default=340, ge=40, le=4000, description="Budget for evidence in the prompt, in the model's tokens."
    )
    max_answer_tokens: int = Field(default=96, ge=8, le=1024, description="Longest answer, in the model's tokens.")
    max_question_chars: int = Field(
        default=LONGEST_QUESTION, ge=50, le=HIGHEST_LONGEST_QUESTION, description="Longer questions are refused."
    )
    strictness: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="How likely the evidence must be to hold an answer: 0 always answers; the higher, the likelier.",
    )
    splitter: str = Field(
        default="", description="How questions are taken apart, by a plug-in; see `rag.pipeline.plugins`."
    )
    retriever: str = Field(default="", description="What finds passages, by a plug-in.")
    selector: str = Field(default="", description="What picks sentences, by a plug-in.")
    gate: str = Field(default="", description="What decides whether there is an answer, by a plug-in.")
    generator: str = Field(default="", description="What points at the answer, by a plug-in.")
    verifier: str = Field(default="", description="What finds the place in the sources, by a plug-in.")
    presenter: str = Field(default="", description="What is shown of the place, by a plug-in.")
    translator: str = Field(default="", description="What translates, by a plug-in.")
    max_waiting: int = Field(
        default=32, ge=0, description="Questions that may wait for the language model; more are refused as busy."
    )
    remembered_answers: int = Field(
        default=256, ge=0, description="Answers kept in memory for when the same is asked again; 0 keeps none."
    )

    @property
    def reading(self) -> ReadingOptions:
        """Which files are read, and how."""
        return ReadingOptions(Fields.parse(self.json_files), self.ocr)

    @property
    def uploads_folder(self) -> Path:
        """Where the user's own files lie: apart from the index, which may be deleted and made anew."""
        index = self.index.resolve()
        return self.uploads or index.with_name(f"{index.name}-uploads")

    feedback: bool = Field(default=True, description="Whether readers of the app may say what they think of answers.")
    feedback_file: Path | None = Field(
        default=None, description="Where that is kept; beside the index where not set: rag-feedback.jsonl for .rag."
    )
    feedback_bytes: int = Field(default=10_000_000, ge=1000, description="A feedback file of this size takes no more.")

    @property
    def feedback_path(self) -> Path:
        """The file that feedback is kept in."""
        # Not in the index's folder, which may be deleted and made anew; feedback may not.
        name = self.index.resolve().name.lstrip(".") or "index"
        return self.feedback_file or self.index.resolve().with_name(f"{name}-feedback.jsonl")

    def fingerprint(self) -> str:
        """Return a digest of the settings that change answers."""
        answering = self.model_dump_json(exclude=_NOT_ANSWERING)
        return hashlib.sha256(answering.encode()).hexdigest()[:12]


def load_settings(**overrides: object) -> Settings:
    """
    Read settings from the environment; overrides that are None count as not given.

    Raises
    ------
    RagError
        A value cannot be used; names the variable.

    """
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValueError as error:
        errors = getattr(error, "errors", None)
        if errors is None:
            raise
        first = errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        raise RagError(
            f"The setting {name} cannot be {first.get('input')!r}: {first['msg']}.",
            hint=f"Change the option or the variable RAG_{name.upper()}.",
        ) from error
