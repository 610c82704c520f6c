"""The served app as a program sees it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from index.errors import RagError
from tests.ui import fakes
from tests.ui.conftest import free_port
from ui import launch
from ui.server.credentials import Credentials

if TYPE_CHECKING:
    import gradio as gr

ROOT = Path(__file__).parents[2]


def test_the_endpoint_answers_with_text_and_citations(app: gr.Blocks) -> None:
    client = Client(app.local_url, verbose=False, analytics_enabled=False)
    result = client.predict("Wie viel Geld will Cambricon aufnehmen?", api_name="/chat")
    assert result["answer"].startswith(fakes.MONEY)
    assert result["abstained"] is False
    citation = result["citations"][0]
    text = fakes.DOCUMENTS[citation["document"]].text
    assert citation["quote"] == text[citation["start"] : citation["end"]] == fakes.MONEY
    assert client.predict(question="abwesend", api_name="/chat")["abstained"] is True


def test_only_the_chat_endpoint_is_public(app: gr.Blocks) -> None:
    client = Client(app.local_url, verbose=False, analytics_enabled=False)
    endpoints = client.view_api(return_format="dict")
    assert list(endpoints["named_endpoints"]) == ["/chat"]
    assert not endpoints["unnamed_endpoints"]
    assert [item["parameter_name"] for item in endpoints["named_endpoints"]["/chat"]["parameters"]] == ["question"]


def test_the_endpoint_reports_errors_in_one_line(app: gr.Blocks) -> None:
    client = Client(app.local_url, verbose=False, analytics_enabled=False)
    with pytest.raises(AppError, match="more than 2000 characters") as caught:
        client.predict("x" * 3000, api_name="/chat")
    assert "Traceback" not in str(caught.value)
    with pytest.raises(AppError) as caught:
        client.predict("kaputt", api_name="/chat")
    assert "secret detail" not in str(caught.value)


def test_files_of_the_project_are_not_served(app: gr.Blocks) -> None:
    for path in (ROOT / "pyproject.toml", ROOT / "ui" / "app.py", Path("/etc/hostname")):
        response = httpx.get(f"{app.local_url}gradio_api/file={path}", trust_env=False)
        assert response.status_code in {403, 404}, path


def test_the_page_names_no_other_host_to_load_from(app: gr.Blocks) -> None:
    config = httpx.get(f"{app.local_url}config", trust_env=False).json()
    assert config["analytics_enabled"] is False
    assert all(not sheet.startswith("http") for sheet in config["stylesheets"] or [])
    assert "googleapis" not in httpx.get(f"{app.local_url}theme.css", trust_env=False).text


def test_a_port_in_use_is_an_error_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RagError, match=rf"Port {port} .* in use.* --port") as caught:
            launch(fakes.FakeRag(), port=port, block=False)
    assert "\n" not in str(caught.value)


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(RagError):
        launch(fakes.FakeRag(), host="192.0.2.1", port=free_port(), block=False)


def test_listening_to_everyone_is_warned_about(capsys: pytest.CaptureFixture[str]) -> None:
    credentials = Credentials.of("leser", "lang genug, hoffe ich")
    served = launch(fakes.FakeRag(), host="0.0.0.0", port=free_port(), block=False, credentials=credentials)
    served.close(verbose=False)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Warning: password, questions and answers travel unencrypted")
    assert lines[-1] == served.local_url


def test_without_a_port_the_next_free_one_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    first = launch(fakes.FakeRag(), block=False)
    second = launch(fakes.FakeRag(), block=False)
    try:
        assert first.local_url != second.local_url
        assert capsys.readouterr().out == ""
    finally:
        first.close(verbose=False)
        second.close(verbose=False)


def test_ctrl_c_ends_the_server_quietly() -> None:
    # If the tests run in the background, the shell makes them ignore Ctrl-C, and a child process inherits that.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from tests.ui.fakes import FakeRag; from ui import launch; launch(FakeRag(), port={})"
    )
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code.format(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().strip() == f"http://127.0.0.1:{port}/"
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()  # otherwise leaving the block would wait forever
    assert (process.returncode, out, err) == (0, "", "")
