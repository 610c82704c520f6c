"""
How fields in the public JSON form (``by_alias``) differ from those in the program.

See `rag.types.answers.ANSWERS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, Field, WrapSerializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SerializationInfo, SerializerFunctionWrapHandler


def named(*names: str) -> Any:
    """Name a field in the public form by the first of ``names``; it can be read under any of them."""
    return Field(validation_alias=AliasChoices(*names), serialization_alias=names[0])


def rounded(digits: int) -> WrapSerializer:
    """Round a number in the public form to ``digits`` decimals."""
    return in_contract(lambda value: None if value is None else round(value, digits))


def in_contract(form: Callable[[Any], Any]) -> WrapSerializer:
    """Write a value in the public form as ``form`` returns it."""

    def serialised(value: Any, ordinary: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
        return form(value) if info.by_alias else ordinary(value)

    return WrapSerializer(serialised)
