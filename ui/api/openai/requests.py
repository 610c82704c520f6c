"""What a client of the OpenAI protocol may send; other fields are ignored, since clients send many."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from ui.limits import MOST_INPUTS, MOST_MESSAGES, MOST_PARTS_OF_A_MESSAGE

_LONGEST_NAME = 500


def _parts(value: Any) -> Any:
    """Turn a plain text into a list of one part, so that there is only one form to check."""
    if not isinstance(value, str | list):
        raise ValueError("It must be text, or a list of parts")  # noqa: TRY004 - what pydantic takes
    return [{"type": "text", "text": value}] if isinstance(value, str) else value


def _texts(value: Any) -> Any:
    if not isinstance(value, str | list):
        raise ValueError("It must be text, or a list of texts")  # noqa: TRY004 - as above
    return [value] if isinstance(value, str) else value


_TEXT = {"type": "string"}
_ONE_PART = {"type": "object", "properties": {"type": _TEXT, "text": _TEXT}, "required": ["type"]}
_CONTENT = {"anyOf": [_TEXT, {"type": "array", "items": _ONE_PART, "maxItems": MOST_PARTS_OF_A_MESSAGE}]}
_INPUT = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": MOST_INPUTS},
    ]
}


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class Part(_Form):
    """A part of a message; only text is supported."""

    type: str
    text: str | None = None
    refusal: str | None = None


class Message(_Form):
    """A message of the conversation."""

    role: str
    content: (
        Annotated[
            list[Part],
            Field(max_length=MOST_PARTS_OF_A_MESSAGE),
            BeforeValidator(_parts),
            WithJsonSchema(_CONTENT),
        ]
        | None
    ) = None
    refusal: str | None = None


class StreamOptions(_Form):
    """Options of a stream."""

    include_usage: bool | None = None


class ChatRequest(_Form):
    """A question to the articles, with the conversation before it."""

    model: Annotated[str, Field(max_length=_LONGEST_NAME, description="Name of a collection, see `/v1/models`.")]
    messages: Annotated[
        list[Message],
        Field(
            min_length=1,
            max_length=MOST_MESSAGES,
            description="The last message of the user is the question; the messages before it are the conversation.",
        ),
    ]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int | None, Field(description="Must be 1; there is only one answer.")] = None
    tools: Annotated[list[Any] | None, Field(description="Refused unless empty.")] = None
    functions: Annotated[list[Any] | None, Field(description="Refused unless empty.")] = None
    audio: Annotated[dict[str, Any] | None, Field(description="Refused.")] = None
    modalities: Annotated[list[str] | None, Field(description='`["text"]`; others are refused.')] = None
    response_format: Annotated[dict[str, Any] | None, Field(description='`{"type": "text"}`; others are refused.')] = (
        None
    )
    logprobs: Annotated[bool | None, Field(description="Refused if true.")] = None
    web_search_options: Annotated[dict[str, Any] | None, Field(description="Refused.")] = None


class EmbeddingsRequest(_Form):
    """Texts to embed."""

    model: Annotated[
        str, Field(max_length=_LONGEST_NAME, description="Name of a collection, or of its embedding model.")
    ]
    input: Annotated[
        list[Any],
        Field(min_length=1, max_length=MOST_INPUTS, description="A text, or a list of texts; tokens are refused."),
        BeforeValidator(_texts),
        WithJsonSchema(_INPUT),
    ]
    encoding_format: Annotated[str | None, Field(description="`float` or `base64`.")] = None
    dimensions: Annotated[
        int | None, Field(description="The number of dimensions of the model; others are refused.")
    ] = None
    input_type: Annotated[
        str | None,
        Field(
            description="`passage` (the default) or `query`: the model has a different prompt for each. Not in OpenAI's API."
        ),
    ] = None
