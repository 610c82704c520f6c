"""How the app is run for others: the options of `rag ui` besides address, articles and password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.operating.stopping import STOP_SECONDS

if TYPE_CHECKING:
    from ui.operating.logs import JsonLog
    from ui.operating.terminating import Termination


@dataclass(frozen=True, slots=True)
class Operation:
    """
    How the app is run.

    Parameters
    ----------
    root_path
        Path below which a proxy shows it, see `ui.operating.prefix.read_prefix`.
    assistants
        Whether `/mcp` answers assistants; it needs the extra `mcp`.
    metrics
        Whether `/metrics` shows metrics.
    metrics_token
        Opens them without the password; empty for none.
    stop_seconds
        How long questions under way may take once the process is told to end.
    log
        Writes lines of JSON; None if logs are text.
    termination
        Knows whether the process was told to end, if something already listens for that.

    """

    root_path: str = ""
    assistants: bool = False
    metrics: bool = False
    metrics_token: str = ""
    stop_seconds: float = STOP_SECONDS
    log: JsonLog | None = None
    termination: Termination | None = None
