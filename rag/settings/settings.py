"""All settings by stage; each can also be given by its own name, as an argument or a variable."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import to_json
from pydantic_settings import BaseSettings, EnvSettingsSource, InitSettingsSource, SettingsConfigDict

from index.errors import RagError
from index.reading.spelled_paths import on_disk
from rag.settings.environment import PREFIX, by_name, by_stage, warn_of_unknown
from rag.settings.groups import (
    Answering,
    Embedding,
    Generation,
    Group,
    Machine,
    OwnFiles,
    ReaderFeedback,
    Reading,
    Retrieval,
    Serving,
    StageNames,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo
    from pydantic_settings import PydanticBaseSettingsSource

# Stages whose settings change answers; the others change their speed, their origin, or the contents of the index.
_ANSWERING = ("embedding", "generation", "machine", "retrieval", "answering", "stages")
_NOT_ANSWERING = frozenset({"embedding_api_key", "llm_api_key", "threads", "runtime"})


class Settings(BaseSettings):
    """
    The settings that a user can change, by stage.

    Each setting also has a name of its own: for an argument (``Settings(llm="...")``), for an attribute, and, in
    capitals after ``RAG_``, for an environment variable. `docs/settings.md` lists them.

    Raises
    ------
    pydantic.ValidationError
        A value is out of its range, or there is no such setting. `load_settings` turns this into a one-line error.

    Examples
    --------
    >>> settings = Settings(llm="http://localhost:8000/v1", passages=6)
    >>> settings.generation.model, settings.retrieval.passages
    ('http://localhost:8000/v1', 6)

    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    corpus: Annotated[Path, AfterValidator(on_disk)] = Field(default=Path("corpus"), description="Folder of articles.")
    index: Path = Field(default=Path(".rag"), description="Folder of the index.")
    store: str = Field(
        default="faiss",
        description="Store for the vectors: `faiss`, `milvus://host:19530/database` (its token: `RAG_STORE_TOKEN`), or a"
        " store that another package provides, as `NAME` or `NAME://ADDRESS`.",
    )
    reading: Reading = Reading()
    own_files: OwnFiles = OwnFiles()
    embedding: Embedding = Embedding()
    generation: Generation = Generation()
    machine: Machine = Machine()
    retrieval: Retrieval = Retrieval()
    answering: Answering = Answering()
    stages: StageNames = StageNames()
    serving: Serving = Serving()
    reader_feedback: ReaderFeedback = ReaderFeedback()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)

    if not TYPE_CHECKING:  # new code should name the stage

        def __getattr__(self, name: str) -> Any:
            if (place := places().get(name)) is None:
                return super().__getattr__(name)
            return getattr(getattr(self, place[0]), place[1])

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources of values in order of precedence: arguments and variables, by any of their names."""
        del dotenv_settings, file_secret_settings
        variables = env_settings.env_vars if isinstance(env_settings, EnvSettingsSource) else {}
        given = init_settings(), by_name(variables, [*single(), *places()])
        return tuple(InitSettingsSource(settings_cls, by_stage(values, places())) for values in given)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Settings:
        """Return a copy with some settings changed, by any of their names; the new values are not checked."""
        changed = by_stage(update or {}, places())
        for name in groups().keys() & changed.keys():
            own = {places()[alias][1]: value for alias, value in changed[name].items()}
            changed[name] = getattr(self, name).model_copy(update=own, deep=deep)
        return super().model_copy(update=changed, deep=deep)

    @property
    def uploads_folder(self) -> Path:
        """The folder of the user's own files: outside the index, which may be deleted and rebuilt."""
        index = self.index.resolve()
        return self.own_files.folder or index.with_name(f"{index.name}-uploads")

    @property
    def feedback_path(self) -> Path:
        """The file that feedback is kept in."""
        # Not in the index's folder, which may be deleted and rebuilt; feedback must be kept.
        name = self.index.resolve().name.lstrip(".") or "index"
        return self.reader_feedback.file or self.index.resolve().with_name(f"{name}-feedback.jsonl")

    def fingerprint(self) -> str:
        """Return a digest of the settings that change answers."""
        return hashlib.sha256(to_json(self._that_answer())).hexdigest()[:12]

    def told(self) -> dict[str, str]:
        """Return the settings that change answers, by name; addresses are not shown, because they may hold a key."""
        return {name: "(an address)" if "://" in str(one) else str(one) for name, one in self._that_answer().items()}

    def _that_answer(self) -> dict[str, Any]:
        values = {
            name: value
            for group in _ANSWERING
            for name, value in getattr(self, group).model_dump(by_alias=True).items()
        }
        return {name: value for name, value in values.items() if name not in _NOT_ANSWERING}


def groups() -> dict[str, type[Group]]:
    """Return the classes of the stages, by the names of their fields."""
    kinds = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Group)}


def single() -> dict[str, FieldInfo]:
    """Return the settings that belong to no stage."""
    return {name: field for name, field in Settings.model_fields.items() if name not in groups()}


def places() -> dict[str, tuple[str, str]]:
    """Return the place of each setting of a stage, by its own name: the stage, and its name there."""
    return {
        field.alias or name: (group, name)
        for group, kind in groups().items()
        for name, field in kind.model_fields.items()
    }


def load_settings(**overrides: object) -> Settings:
    """
    Read settings from the environment; overrides that are None count as not given.

    A variable that begins with RAG_ but is no setting is reported once, with the nearest name.

    Raises
    ------
    RagError
        A value cannot be used; the error names the variable.

    """
    known = [*single(), *places()]
    warn_of_unknown(known)
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})
    except ValueError as error:
        errors = getattr(error, "errors", None)
        if errors is None:
            raise
        first = errors()[0]
        name = next((part for part in reversed(first["loc"]) if part in known), "_".join(map(str, first["loc"])))
        raise RagError(
            f"The setting {name} cannot be {first.get('input')!r}: {first['msg']}.",
            hint=f"Change the option or the variable RAG_{name.upper()}.",
        ) from error
