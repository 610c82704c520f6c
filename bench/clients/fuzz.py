"""
Send thousands of requests, generated from the OpenAPI description, to the routes for programs, and check the answers.

    python3 -m venv FUZZ && FUZZ/bin/pip install schemathesis
    python -m bench.clients.fuzz FUZZ/bin/st [--calls 5000] [--seed 1] [--real] [--door open|password|users]

The app runs in a process of its own on the articles of this repository, with a small engine and embedding model that
stand in for the real ones, unless `--real` is given. If `--door` protects it, schemathesis is given the credentials:
the name and password, or in turn a user's password, the user's token, and a token without a user. Schemathesis is not
part of this project's environment. Its own checks compare each answer with the description. In addition, each answer
and the app's log are searched for tracebacks and for paths of this machine, each route must have answered something,
and the app must answer as before at the end. The exit code is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench.machine import described
from bench.serving import ROOT, Served, opened, served

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
NAME, PASSWORD = "fuzz", "fuzz-fuzz-fuzz"
TOKENS = "tokens"
LONGEST_LINE = 500
QUESTION = {"question": "Wie viel Geld will Cambricon aufnehmen?", "fresh": True}
DOORS = ("open", "password", "users")
# The description does not name the model and the articles, an empty text asks nothing, and some fields are always
# refused: without this hook, most calls would fail for these reasons.
HOOKS = """
import os, schemathesis

def fill(value):
    if isinstance(value, list):
        return [fill(one) for one in value]
    if isinstance(value, dict):
        return {name: fill(one) if name in ("content", "text") else one for name, one in value.items()}
    return os.environ["FUZZ_QUESTION"] if value == "" else value

@schemathesis.hook
def before_call(context, case, **kwargs):
    body, places = case.body, case.path_parameters or {}
    if isinstance(body, dict):
        if isinstance(body.get("model"), str) and len(body["model"]) < 100:
            body["model"] = os.environ["FUZZ_MODEL"]
        for name in {"messages", "input"} & body.keys():
            body[name] = fill(body[name])
        if case.meta is not None and case.meta.generation.mode == "positive" and len(str(body)) % 2:
            for name in ("n", "tools", "functions", "audio", "modalities", "response_format", "logprobs"):
                body.pop(name, None)
            body.pop("web_search_options", None)
            if body.get("messages"):
                body["messages"][-1] = {"role": "user", "content": os.environ["FUZZ_QUESTION"]}
    for name, known in (("path", os.environ["FUZZ_DOCUMENT"]), ("name", "articles")):
        if len(str(places.get(name, ""))) % 2:
            places[name] = known
"""

# By default schemathesis counts a request that is refused for its length, its kind or its range as accepted.
SETTINGS = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 413, 415, 416, 422, 428]
"""


def serve(place: Path, port: int, *, real: bool, door: str) -> None:
    """Serve the app, in the other process."""
    from ui import launch
    from ui.operating.options import Operation
    from ui.server import safety
    from ui.server.credentials import Credentials

    safety.REQUESTS_PER_MINUTE = 0  # else most of the requests would only be told to wait
    rag = opened(place, real=real)
    credentials: Any = None
    if door == "password":
        credentials = Credentials.of(NAME, PASSWORD)
    elif door == "users":
        credentials = users(place)
    launch(
        rag,
        port=port,
        questions_per_minute=0,
        credentials=credentials,
        operation=Operation(assistants=True, metrics=True),
    )


def users(place: Path) -> Any:
    """Make a user, and write the user's token and one without a user where the other process finds them."""
    from ui.people.file import PeopleFile
    from ui.people.passwords import hashed
    from ui.server.signing_in import SignIn

    file = PeopleFile(place / "users.json")
    book = file.change(lambda old: old.with_user(NAME, "reader", hashed(PASSWORD)), begin=True)
    secrets = []
    for user in (NAME, ""):
        book, _, secret = book.with_token(NAME, user=user, role="reader", days=1, now=int(time.time()))
        secrets.append(secret)
    file.change(lambda _: book)
    (place / TOKENS).write_text("\n".join(secrets), encoding="utf-8")
    return SignIn(file.path)


def keys(place: Path, door: str) -> list[str]:
    """Return credentials as values of the header ``Authorization``; an empty value if none are needed."""
    basic = "Basic " + base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
    if door == "users":
        return [basic, *(f"Bearer {one}" for one in (place / TOKENS).read_text(encoding="utf-8").split())]
    return [basic if door == "password" else ""]


def answers(har: Path) -> list[tuple[str, int, str]]:
    """Return each request's method and address, and its answer's status, headers and body as one text."""
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


def unentered(description: dict[str, Any], seen: list[tuple[str, int, str]]) -> list[str]:
    """Return the routes of the description that have answered no request with status 200."""
    found = []
    for path, methods in description["paths"].items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(path)))
        passed = {asked.partition(" ")[0].lower() for asked, status, _ in seen if status == 200 and _on(pattern, asked)}
        found += [f"{method.upper()} {path}" for method in methods if method not in passed]
    return found


def _on(pattern: re.Pattern[str], asked: str) -> bool:
    return bool(pattern.fullmatch(urlsplit(asked.partition(" ")[2]).path))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n")[0])
    parser.add_argument("st", nargs="?", help="the command of schemathesis")
    parser.add_argument("--calls", type=int, default=5000, help="at least so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--door", choices=DOORS, default="open", help="what stands before the app")
    parser.add_argument("--serve", nargs=2, metavar=("PLACE", "PORT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(Path(given.serve[0]), int(given.serve[1]), real=given.real, door=given.door)
        return 0
    if not given.st:
        parser.error("name the command of schemathesis")
    with served("bench.clients.fuzz", "--door", given.door, *(["--real"] if given.real else [])) as app:
        return fuzz(given, app)


def fuzz(given: argparse.Namespace, app: Served) -> int:
    """Send the requests, and print what was found."""
    load = f"{os.getloadavg()[0]:.1f}"
    print(f"{described()}, load before {load}; real models: {given.real}, door: {given.door}", flush=True)
    opening = itertools.cycle(keys(app.place, given.door))
    seen: list[tuple[str, int, str]] = []
    failed, seed, began = False, given.seed, time.monotonic()
    with httpx.Client(base_url=app.url, trust_env=False, verify=False, timeout=300) as client:
        client.headers["authorization"] = keys(app.place, given.door)[0]
        before = client.post("/api/ask", json=QUESTION).json()["answer"]
        told = client.get("/api/openapi.json")  # schemathesis leaves out what it reads the routes from
        description = told.json()
        known = {
            "FUZZ_QUESTION": str(QUESTION["question"]),
            "FUZZ_MODEL": client.get("/v1/models").json()["data"][0]["id"],
            "FUZZ_DOCUMENT": client.get("/api/documents").json()["documents"][0]["path"],
        }
        seen.append((f"GET {told.url}", told.status_code, told.text))
        while len(seen) < given.calls:
            examples = min(60, max(1, given.calls // 100))
            new, found = run(given.st, app, next(opening), seed, known=known, examples=examples)
            seen, failed, seed = seen + new, failed or found, seed + 1
        after = client.post("/api/ask", json=QUESTION).json()["answer"]
    secret = ["Traceback", "site-packages", str(ROOT), str(Path.home()), str(app.place), sys.prefix, PASSWORD]
    leaks = [(asked, status, word) for asked, status, text in seen for word in secret if word in text]
    broken = [(asked, status) for asked, status, _ in seen if status >= 500]
    print(f"{len(seen)} calls in {time.monotonic() - began:.0f} s, by status: {dict(Counter(one[1] for one in seen))}")
    print(f"answers of 500 and above: {len(broken)}; with a traceback or a path: {len(leaks)}")
    for line in [*broken[:10], *leaks[:10]]:
        print(f"  {line}"[:400])
    missed = unentered(description, seen)
    print(f"routes that have answered nothing: {', '.join(missed) or 'none'}")
    log = app.log
    marks = {word: log.count(word) for word in ("Traceback", "a request failed", "ERROR") if word in log}
    print(f"in the app's log: {marks or 'nothing'}; answers as before: {after == before}")
    if marks:
        print(log[-4000:])
    return int(bool(failed or broken or leaks or missed or marks or after != before))


def run(
    st: str, app: Served, key: str, seed: int, *, known: dict[str, str], examples: int
) -> tuple[list[tuple[str, int, str]], bool]:
    """Run schemathesis once; return requests and answers, and whether it found anything."""
    har = app.place / f"{seed}.har"
    words = [st, "run", f"{app.url}/api/openapi.json", "--seed", str(seed), "--checks", ",".join(CHECKS)]
    words += ["--max-examples", str(examples), "--continue-on-failure", "--request-timeout", "120", "--no-shrink"]
    words += ["--suppress-health-check", "all", "--report-har-path", str(har), "--warnings", "off"]
    words += ["--phases", "examples,coverage,fuzzing", "--report-preserve-bytes"]
    if key:
        words += ["--header", f"Authorization: {key}"]
    (app.place / "fuzz_hooks.py").write_text(HOOKS, encoding="utf-8")
    (app.place / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
    more = {"SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(app.place), **known}
    # In a folder of its own, so that no file of this project configures it.
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=app.place, env={**os.environ, **more})
    if done.returncode:
        said = [line[:LONGEST_LINE] for line in (done.stdout + done.stderr).splitlines()]
        print("\n".join(said[-200:]), flush=True)
    new = answers(har)
    if not new:
        raise SystemExit("Schemathesis has sent nothing.")
    return new, bool(done.returncode)


if __name__ == "__main__":
    sys.exit(main())
