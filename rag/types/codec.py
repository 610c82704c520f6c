"""An answer as JSON and back, whole; for `rag ask --json` see `Answer.to_json`, which others rely on."""

from __future__ import annotations

from pydantic import TypeAdapter

from rag.types.answers import Answer

ANSWERS: TypeAdapter[Answer] = TypeAdapter(Answer)
