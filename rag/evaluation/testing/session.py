"""Make pytest collect the set that its options name."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import RagError
from rag.evaluation.comparing import read
from rag.evaluation.datasets import load
from rag.evaluation.gates import parse_bound
from rag.evaluation.keeping.since import replies_of
from rag.evaluation.measuring.statistics import METRICS
from rag.evaluation.testing.items import SetFile
from rag.evaluation.testing.questioning import Questioning, Wanted


class SetPlugin:
    """Gives pytest the questions when it reaches the set's path."""

    def __init__(self, questioning: Questioning) -> None:
        self._questioning = questioning

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Return the questions of a file."""
        return self._collected(file_path, parent)

    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Return the questions of a folder, as BEIR sets are."""
        return self._collected(path, parent)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what cannot be compared with the baseline, and what was not measured."""
        for line in self._questioning.notes:
            terminalreporter.write_line(line)

    def _collected(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if path != self._questioning.wanted.set:
            return None
        return SetFile.of(parent, path, self._questioning)


def register(config: pytest.Config) -> None:
    """
    Make pytest collect the set that the options name.

    Raises
    ------
    pytest.UsageError
        The set, a bound or the baseline cannot be used; the message says why in one line.

    """
    given = config.getoption
    try:
        bounds = [parse_bound(text, "min", METRICS) for text in given("rag_min")]
        bounds += [parse_bound(text, "max", METRICS) for text in given("rag_max")]
        wanted = Wanted(
            given("rag_set").resolve(),
            given("rag_corpus"),
            given("rag_index"),
            tuple(bounds),
            given("rag_baseline"),
            given("rag_since"),
            given("rag_retrieval_only"),
            given("rag_tolerate"),
        )
        if wanted.baseline is not None:
            read(wanted.baseline)
        if wanted.since is not None:
            replies_of(wanted.since)
        questioning = Questioning(load(wanted.set), wanted)
    except RagError as error:
        raise pytest.UsageError(str(error)) from error
    if questioning.bounded and config.getoption("numprocesses", None):
        raise pytest.UsageError("Bounds are judged over all questions, so they need one process: leave -n out.")
    if wanted.tolerant and not questioning.bounded:
        raise pytest.UsageError("--rag-tolerate needs a bound or a baseline: nothing else could fail.")
    config.pluginmanager.register(SetPlugin(questioning), "rag-set")
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = []  # else the whole folder, or all of `testpaths`, would be run as well
    if not any(Path(argument.partition("::")[0]).resolve() == wanted.set for argument in config.args):
        config.args.append(str(wanted.set))
