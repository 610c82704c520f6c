"""The middleware in front of the app for its operators, in order: before the password check, and behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware

from ui.operating.assistants import PATH, AssistantsDoor
from ui.operating.attending import Attended
from ui.operating.health import METRICS, Figures, Health, Readiness, TokenDoor
from ui.operating.logs import Requests
from ui.operating.prefix import Prefix
from ui.operating.stopping import Stopping, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.conversation.engine import Engine
    from ui.operating.attending import Asked
    from ui.operating.metrics import Metrics
    from ui.operating.options import Operation
    from ui.server.rates import QuestionLimit
    from ui.suggesting import Suggesting


class Doors:
    """
    The engine that follows its questions, and the middleware in front of the app.

    Parameters
    ----------
    engine
        What answers.
    operation
        How the app is run.
    opening
        Opens the articles; None if they are open.
    guarded
        Whether there is a password.
    shared
        Whether people other than this machine's own users can reach the app.
    limit
        Limits how often somebody may ask.
    suggesting
        Pauses while a question is answered.

    """

    def __init__(
        self,
        engine: Engine,
        operation: Operation,
        *,
        opening: Any,
        guarded: bool,
        shared: bool,
        limit: QuestionLimit,
        suggesting: Suggesting | None,
    ) -> None:
        self._operation = operation
        self._guarded = guarded
        self._metrics: Metrics | None = None
        told: list[Callable[[Asked], None]] = [self._count]
        if operation.log is not None:
            told.append(operation.log.asked)
        self.engine = Attended(engine, told)
        self.traffic = Traffic()
        self.readiness = Readiness(self.engine, opening)
        if operation.metrics:
            self._metrics = self._figures()
        self._assistants: dict[str, Any] = {
            "engine": self.engine,
            "limit": limit,
            "suggesting": suggesting,
            "shared": shared,
            "opening": opening,
        }

    def _figures(self) -> Metrics:
        from ui.operating.metrics import Metrics  # noqa: PLC0415 - only where they are wanted

        return Metrics(
            under_way=lambda: self.engine.open_questions,
            waiting=lambda: int(getattr(self.engine, "waiting", 0)),
            ready=lambda: not self.readiness.reason(),
        )

    def _count(self, asked: Asked) -> None:
        if self._metrics is not None:
            self._metrics.count(asked)

    @property
    def paths(self) -> frozenset[str]:
        """Paths that are answered behind the password check, besides the page's own."""
        paths = {METRICS} if self._metrics is not None else set()
        return frozenset(paths | {PATH} if self._operation.assistants else paths)

    @property
    def keyed(self) -> frozenset[str]:
        """Those of `paths` that accept the tokens of programs."""
        return frozenset({PATH}) & self.paths

    @property
    def outside(self) -> list[Middleware]:
        """Middleware before the password check."""
        outside = [Middleware(Prefix, prefix=self._operation.root_path)] if self._operation.root_path else []
        if self._operation.log is not None:
            outside.append(Middleware(Requests, log=self._operation.log))
        outside.append(Middleware(Health, readiness=self.readiness))
        if self._metrics is not None:
            token = self._operation.metrics_token
            outside.append(Middleware(TokenDoor, page=self._metrics.page, token=token, guarded=self._guarded))
        return outside

    @property
    def inside(self) -> list[Middleware]:
        """Middleware behind the password check."""
        inside = [Middleware(Stopping, attended=self.engine, traffic=self.traffic)]
        if self._metrics is not None:
            inside.append(Middleware(Figures, page=self._metrics.page))
        return inside

    @property
    def answering(self) -> list[Middleware]:
        """Middleware that answers requests with bodies already read, besides the page and the routes for programs."""
        return [Middleware(AssistantsDoor, **self._assistants)] if self._operation.assistants else []
