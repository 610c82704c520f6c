"""The app on a read-only root file system and without privileges, as in the container."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.ui.conftest import free_port
from tests.ui.operating.running import HARBOUR, ROOT

if TYPE_CHECKING:
    from pathlib import Path

# It runs in a mount namespace of its own: other processes do not see the changes, and none remain.
SCRIPT = """
set -e
mount -o remount,ro,bind /
mount --bind "$DATA" "$DATA" && mount -o remount,rw,bind "$DATA"
mount -t tmpfs tmpfs /mnt
if touch "$CORPUS/x" 2> /dev/null; then echo "the root file system can be written" >&2; exit 9; fi
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs env HOME=/mnt TMPDIR=/mnt PYTHONDONTWRITEBYTECODE=1 "$@"
"""


def can_unshare() -> bool:
    if shutil.which("unshare") is None or shutil.which("setpriv") is None or os.geteuid() != 0:
        return False
    trial = "mount -o remount,ro,bind / && mount -t tmpfs tmpfs /mnt && setpriv --bounding-set=-all true"
    return subprocess.run(["unshare", "-m", "sh", "-c", trial], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux") or not can_unshare(), reason="needs root on Linux")
def test_it_starts_indexes_and_answers(tmp_path: Path) -> None:
    corpus, data, port = tmp_path / "corpus", tmp_path / "data", free_port()
    corpus.mkdir()
    data.mkdir()
    (corpus / "hafen.md").write_text(f"# Der Hafen\n\n{HARBOUR}\n", encoding="utf-8")
    places = ["--corpus", str(corpus), "--index", str(data / "index"), "--host", "0.0.0.0", "--port", str(port)]
    process = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", SCRIPT, "sh", sys.executable, "-m", "tests.ui.operating.process", "ui", *places],
        env={**os.environ, "DATA": str(data), "CORPUS": str(corpus), "RAG_UI_PASSWORD": "ein langes Passwort"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url, auth = f"http://127.0.0.1:{port}", ("quellentreu", "ein langes Passwort")
        for _ in range(600):
            assert process.poll() is None
            try:
                if httpx.get(f"{url}/readyz", timeout=30).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        body = {"data": ["Was kostet der Hafen von Talheim?"]}
        event = httpx.post(f"{url}/gradio_api/call/chat", json=body, auth=auth, timeout=30).json()["event_id"]
        assert HARBOUR in httpx.get(f"{url}/gradio_api/call/chat/{event}", auth=auth, timeout=60).text
        assert httpx.get(f"{url}/", auth=auth, timeout=30).status_code == 200
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        _, said = process.communicate()
    assert "Read-only" not in said
    assert "Traceback" not in said
    assert (data / "index" / "manifest.json").is_file()
