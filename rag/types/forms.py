"""
How fields differ in the JSON that others rely on (``by_alias``) from what they are in the program.

See `rag.types.answers.ANSWERS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, Field, WrapSerializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SerializationInfo, SerializerFunctionWrapHandler


def named(*names: str) -> Any:
    """Give a field another name there, the first; it is read under each of the names."""
    return Field(validation_alias=AliasChoices(*names), serialization_alias=names[0])


def rounded(digits: int) -> WrapSerializer:
    """Round a number there to so many digits behind the point."""
    return in_contract(lambda value: None if value is None else round(value, digits))


def in_contract(form: Callable[[Any], Any]) -> WrapSerializer:
    """Give a value another form there."""

    def serialised(value: Any, ordinary: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
        return form(value) if info.by_alias else ordinary(value)

    return WrapSerializer(serialised)
