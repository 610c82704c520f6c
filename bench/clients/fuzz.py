"""
Send thousands of generated requests to the routes for programs, as their OpenAPI description has them, and look on.

    python3 -m venv FUZZ && FUZZ/bin/pip install schemathesis
    python -m bench.clients.fuzz FUZZ/bin/st [--calls 5000] [--seed 1] [--real] [--password]

The app runs in a process of its own on the articles of this repository, with a small engine and embedding model that
stand in for the real ones, unless `--real` is given. Schemathesis is no part of this project's environment. Its own
checks hold each answer against the description; besides, each answer and the app's log are searched for tracebacks and
for paths of this machine, and the app must answer as before at the end. Exit 1 where anything was found.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx

from bench.machine import described

ROOT = Path(__file__).parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
PASSWORD = "fuzz-fuzz-fuzz"
QUESTION = {"question": "Wie viel Geld will Cambricon aufnehmen?", "fresh": True}


def serve(place: Path, port: int, *, real: bool, password: bool) -> None:
    """Serve the app; this is the other process."""
    from bench.speed.soak import opened
    from ui import launch
    from ui.operating.options import Operation
    from ui.server import safety
    from ui.server.credentials import Credentials

    safety.REQUESTS_PER_MINUTE = 0  # else most of the requests would only be told to wait
    rag = opened(place, real=real)
    credentials = Credentials.of("fuzz", PASSWORD) if password else None
    launch(
        rag,
        port=port,
        questions_per_minute=0,
        credentials=credentials,
        operation=Operation(assistants=True, metrics=True),
    )


def waited(url: str, seconds: float = 900) -> None:
    """Wait until the app is ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False, timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise SystemExit("The app does not get ready.")


def answers(har: Path) -> list[tuple[str, int, str]]:
    """Return what was asked and answered: method and address, status, headers and body as one text."""
    found = []
    for entry in json.loads(har.read_text(encoding="utf-8"))["log"]["entries"]:
        asked, answer = entry["request"], entry["response"]
        content = answer.get("content") or {}
        body = content.get("text") or ""
        if content.get("encoding") == "base64":
            body = base64.b64decode(body).decode("utf-8", "replace")
        headers = "\n".join(f"{one['name']}: {one['value']}" for one in answer.get("headers", ()))
        found.append((f"{asked['method']} {asked['url']}", int(answer.get("status") or 0), f"{headers}\n{body}"))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n")[0])
    parser.add_argument("st", nargs="?", help="the command of schemathesis")
    parser.add_argument("--calls", type=int, default=5000, help="at least so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--password", action="store_true", help="behind a password, which schemathesis is given")
    parser.add_argument("--serve", nargs=2, metavar=("PLACE", "PORT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(Path(given.serve[0]), int(given.serve[1]), real=given.real, password=given.password)
        return 0
    if not given.st:
        parser.error("name the command of schemathesis")
    from tests.ui.conftest import free_port

    with tempfile.TemporaryDirectory() as folder:
        place, port = Path(folder), free_port()
        options = [name for name in ("--real", "--password") if getattr(given, name[2:])]
        words = [sys.executable, "-m", "bench.clients.fuzz", "--serve", str(place), str(port), *options]
        with (place / "log").open("w") as log:
            app = subprocess.Popen(words, stdout=log, stderr=log, cwd=ROOT)
        try:
            return fuzz(given, f"http://127.0.0.1:{port}", place)
        finally:
            app.terminate()
            app.wait(60)


def fuzz(given: argparse.Namespace, url: str, place: Path) -> int:
    """Send the requests, and say what was found."""
    waited(url)
    load = f"{os.getloadavg()[0]:.1f}"
    print(f"{described()}, load before {load}; real models: {given.real}, password: {given.password}", flush=True)
    auth = ("fuzz", PASSWORD) if given.password else None
    before = httpx.post(f"{url}/api/ask", json=QUESTION, auth=auth, trust_env=False, timeout=300).json()["answer"]
    seen: list[tuple[str, int, str]] = []
    failed, seed, began = False, given.seed, time.monotonic()
    while len(seen) < given.calls:
        har = place / f"{seed}.har"
        # From /, so that nothing of this folder configures it.
        words = [given.st, "run", f"{url}/api/openapi.json", "--seed", str(seed), "--checks", ",".join(CHECKS)]
        words += ["--max-examples", "60", "--continue-on-failure", "--request-timeout", "120", "--no-shrink"]
        words += ["--suppress-health-check", "all", "--report-har-path", str(har), "--warnings", "off"]
        words += ["--phases", "examples,coverage,fuzzing", "--report-preserve-bytes"]
        if auth:
            words += ["--auth", ":".join(auth)]
        run = subprocess.run(words, capture_output=True, text=True, check=False, cwd=place)
        if run.returncode:
            failed = True
            print(run.stdout[-20_000:], run.stderr[-2000:], flush=True)
        new = answers(har)
        if not new:
            raise SystemExit("Schemathesis has sent nothing.")
        seen += new
        seed += 1
    secret = ["Traceback", "site-packages", str(ROOT), str(Path.home()), str(place), sys.prefix]
    leaks = [(asked, status, word) for asked, status, text in seen for word in secret if word in text]
    broken = [(asked, status) for asked, status, _ in seen if status >= 500]
    log = (place / "log").read_text(encoding="utf-8", errors="replace")
    after = httpx.post(f"{url}/api/ask", json=QUESTION, auth=auth, trust_env=False, timeout=300).json()["answer"]
    print(f"{len(seen)} calls in {time.monotonic() - began:.0f} s, by status: {dict(Counter(one[1] for one in seen))}")
    print(f"answers of 500 and above: {len(broken)}; with a traceback or a path: {len(leaks)}")
    for line in [*broken[:10], *leaks[:10]]:
        print(f"  {line}"[:400])
    marks = {word: log.count(word) for word in ("Traceback", "a request failed", "ERROR") if word in log}
    print(f"in the app's log: {marks or 'nothing'}; answers as before: {after == before}")
    if marks:
        print(log[-4000:])
    return int(bool(failed or broken or leaks or marks or after != before))


if __name__ == "__main__":
    sys.exit(main())
