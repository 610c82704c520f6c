"""`rag mcp` as a process: only the protocol is on standard output, and the process ends properly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from mcp.shared.exceptions import MCPError

from tests.rag.building import synced
from tests.rag.mcp.articles import ARTICLES, HARBOUR, ROOT, articles, command, run, talking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUESTION = {"question": "Was kostet der Hafen von Talheim?"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("articles")
    articles(made)
    return made


class Raw:
    """The server's process, with which messages are exchanged line by line."""

    def __init__(self, folder: Path, **variables: str) -> None:
        how = command(folder, **variables)
        self.process = subprocess.Popen(
            [how.command, *how.args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=how.env,
            cwd=how.cwd,
        )

    def send(self, *messages: object) -> None:
        assert self.process.stdin is not None
        for message in messages:
            line = message if isinstance(message, bytes) else json.dumps(message).encode()
            self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        heard: dict[str, Any] = json.loads(self.process.stdout.readline())
        return heard

    def end(self) -> tuple[str, str]:
        out, err = self.process.communicate(timeout=60)
        return out.decode(), err.decode()


@pytest.fixture
def raw(folder: Path) -> Iterator[Raw]:
    made = Raw(folder)
    yield made
    made.process.kill()
    made.process.wait()
    for pipe in (made.process.stdin, made.process.stdout, made.process.stderr):
        with contextlib.suppress(OSError):
            pipe.close()  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_assistant_asks_searches_and_reads(folder: Path, tmp_path: Path, mode: str) -> None:
    log = tmp_path / "log"

    async def work() -> None:
        async with talking(folder, log, mode=mode) as client:
            assert client.server_info is not None
            assert client.server_info.name == "quellentreu"
            assert "abstained" in (client.instructions or "")
            answer = (await client.call_tool("ask", QUESTION)).structured_content
            assert answer["answer"] == HARBOUR
            [cited] = answer["citations"]
            around = {name: cited[name] for name in ("path", "start", "end")}
            assert HARBOUR in (await client.call_tool("read", around)).structured_content["text"]
            assert (await client.call_tool("search", {"query": "Turm"})).structured_content["hits"]
            assert (await client.call_tool("list_articles", {})).structured_content["total"] == len(ARTICLES)
            assert len((await client.list_resources()).resources) == len(ARTICLES)

    run(work)
    assert "a line that some library prints" in log.read_text()
    assert "Traceback" not in log.read_text()


def test_two_servers_answer_from_one_index(folder: Path, tmp_path: Path) -> None:
    async def work() -> None:
        async with talking(folder, tmp_path / "a") as one, talking(folder, tmp_path / "b") as other:
            results = await asyncio.gather(*(client.call_tool("ask", QUESTION) for client in (one, other) * 2))
            assert {result.structured_content["answer"] for result in results} == {HARBOUR}

    run(work)


def test_an_index_brought_up_to_date_is_seen_and_one_that_vanishes_is_not_made_anew(tmp_path: Path) -> None:
    rag = articles(tmp_path)

    async def work() -> None:
        async with talking(tmp_path, tmp_path / "log") as client:

            async def total() -> int:
                return int((await client.call_tool("list_articles", {})).structured_content["total"])

            assert await total() == 3
            (tmp_path / "corpus" / "neu.md").write_text("# Neu\n\nDer Kanal ist neu.\n", encoding="utf-8")
            synced(rag.settings.corpus, rag.settings.index)
            assert await total() == 4
            (tmp_path / ".rag").rename(tmp_path / "gone")
            assert await total() == 4
            assert not (tmp_path / ".rag").exists()

    run(work)


def test_odd_lines_are_answered_or_passed_over(raw: Raw) -> None:
    raw.send(b"nonsense", b"", b"[]", b'{"jsonrpc": "2.0"}', b"\xff\xfe", HELLO)
    while (heard := raw.hear()).get("id") != 1:
        assert "error" in heard
    assert heard["result"]["protocolVersion"] == "2025-06-18"
    raw.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
    raw.send({"jsonrpc": "2.0", "id": 2, "method": "nothing/there"})
    assert raw.hear()["error"]["code"] == -32601
    raw.send({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "ask", "arguments": "x"}})
    assert raw.hear()["error"]["code"] == -32602
    out, err = raw.end()
    assert out == ""
    assert "Traceback" not in err
    assert raw.process.returncode == 0


@pytest.mark.parametrize("version", ["1999-01-01", "x" * 5000])
def test_a_client_of_another_version_is_offered_one_that_is_known(raw: Raw, version: str) -> None:
    raw.send({**HELLO, "params": {**HELLO["params"], "protocolVersion": version}})  # type: ignore[dict-item]
    heard = raw.hear()
    assert heard["result"]["protocolVersion"] in {"2025-11-25", "2025-06-18"}
    raw.end()
    assert raw.process.returncode == 0


def test_a_client_that_vanishes_in_the_middle_of_an_answer_ends_the_server(folder: Path) -> None:
    raw = Raw(folder, SLOW_FOR="20")
    raw.send(HELLO)
    raw.hear()
    raw.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
    raw.send({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "ask", "arguments": QUESTION}})
    time.sleep(1)
    out, err = raw.end()  # this closes standard input
    assert "Traceback" not in err
    assert raw.process.returncode == 0
    assert HARBOUR not in out


def test_an_assistant_that_closes_its_ear_ends_the_server_without_a_traceback(raw: Raw) -> None:
    raw.send(HELLO)
    raw.hear()
    assert raw.process.stdout is not None
    raw.process.stdout.close()
    raw.send({"jsonrpc": "2.0", "method": "notifications/initialized"}, {"jsonrpc": "2.0", "id": 2, "method": "ping"})
    assert raw.process.stdin is not None
    raw.process.stdin.close()
    raw.process.wait(20)
    assert raw.process.stderr is not None
    assert "Traceback" not in raw.process.stderr.read().decode()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("numbers", "code"), [([signal.SIGTERM] * 2, 0), ([signal.SIGINT], 130)])
def test_a_signal_ends_the_server_at_once(raw: Raw, numbers: list[int], code: int) -> None:
    raw.send(HELLO)
    raw.hear()
    for number in numbers:
        if raw.process.poll() is None:
            raw.process.send_signal(number)
    raw.process.wait(20)
    assert raw.process.returncode == code
    out, err = raw.end()
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MODELS_ARE_HERE": "", "RAG_LLM": "no-such-model"}, "no-such-model"),
        ({"MODELS_ARE_HERE": "", "RAG_EMBEDDING_MODEL": "no-such-model"}, "no-such-model"),
        ({"RAG_INDEX": ".rag-none"}, "Run `rag index` first."),
        ({"RAG_STRICTNESS": "viel"}, "RAG_STRICTNESS"),
    ],
)
def test_what_is_missing_is_said_in_a_line_before_anybody_waits(
    folder: Path, variables: dict[str, str], said: str
) -> None:
    how = command(folder, **variables)
    words = how.args[: 3 if "RAG_INDEX" in variables else None]
    done = subprocess.run(
        [how.command, *words], env=how.env, cwd=how.cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "Traceback" not in done.stderr


def test_without_the_extra_it_names_the_extra(folder: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; sys.argv = ['rag', 'mcp']\nfrom rag.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "error: `rag mcp` needs the extra `mcp`. Run `pip install 'quellentreu[mcp]'`."


def test_the_other_commands_do_not_load_the_protocol() -> None:
    code = "import sys; sys.argv = ['rag', 'ask', ' ']\nfrom rag.cli.main import main\ntry:\n    main()\n"
    code += "except SystemExit:\n    print(sorted({'mcp', 'mcp_types', 'rag.mcp', 'ui'} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_client_is_told_when_it_reads_an_unknown_resource(folder: Path, tmp_path: Path) -> None:
    async def work() -> None:
        async with talking(folder, tmp_path / "log") as client:
            with pytest.raises(MCPError, match="keine"):
                await client.read_resource("quellentreu://articles/keine.md")

    run(work)
