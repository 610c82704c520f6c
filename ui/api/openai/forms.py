"""What is sent to a client of the OpenAI protocol."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cited(_Sent):
    """The fields of OpenAI's ``url_citation``, and the file and place that the quoted words come from."""

    start_index: Annotated[int, Field(description="Start of the sentence in `content`, in Unicode code points.")]
    end_index: int
    url: Annotated[str, Field(description="Returns the file's text from `start` to `end`, and the file's digest.")]
    title: str
    number: Annotated[int, Field(description="Number of the citation, in brackets in `content`.")]
    file: str
    start: Annotated[int, Field(description="Start of the quote in the file's text, in Unicode code points.")]
    end: int
    quote: Annotated[str, Field(description="The file's own characters from `start` to `end`.")]
    page: int | None
    document_sha256: str


class Annotation(_Sent):
    """A citation."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: Cited


class AssistantMessage(_Sent):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: Annotated[str | None, Field(description="The refusal, if the articles do not contain the answer.")]
    annotations: list[Annotation]


class Usage(_Sent):
    """Estimated numbers of tokens, at three characters each, of the messages received and of the text sent."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Choice(_Sent):
    """The only choice."""

    index: Literal[0] = 0
    message: AssistantMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Completion(_Sent):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class Delta(_Sent):
    """The new text in a chunk; fields that are not set are left out."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    refusal: str | None = None
    annotations: list[Annotation] | None = None


class ChunkChoice(_Sent):
    """The only choice."""

    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class Chunk(_Sent):
    """A part of an answer that is streamed."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None


class Model(_Sent):
    """A collection of articles."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["quellentreu"] = "quellentreu"


class ModelList(_Sent):
    """All collections."""

    object: Literal["list"] = "list"
    data: list[Model]


class Embedding(_Sent):
    """The vector of one text."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(_Sent):
    """Estimated numbers of tokens, as in `Usage`."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(_Sent):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage
