"""
Let 20 simulated people use the running app for some minutes: they ask, search, upload, reload, and break off.

    python -m bench.speed.soak [--minutes 10] [--users 20] [--seed 1] [--real]

The app runs in a process of its own, with a small engine and embedding model that stand in for the real ones, unless
`--real` is given. Each person has a file of their own with a figure that no other file has. Prints what was asked and
how long it took, what was lost (a request that failed, except with a request to try again in a moment), what anybody
saw of another's file, and how the app's memory grew after the first minute. The people share one process, which has no
time for all of them at once; so the time of a search is measured by one more person, in a process of its own. The exit
code is 1 if something was lost or seen, the memory grew by more than 5 %, or the 95th percentile of a search exceeds
150 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench.machine import described
from bench.serving import opened, served

if TYPE_CHECKING:
    import psutil

QUESTIONS = ("Wie viel Geld will Cambricon aufnehmen?", "Wer fertigt den Ascend 910C?", "Was kostet der H20 in China?")
BUSY = {429, 503}
GROWTH = 0.05
SEARCH_MS = 150
_PAUSE = (0.2, 1.5)  # seconds between two actions of a person


def serve(place: Path, port: int, *, real: bool) -> None:
    """Serve the app, in the other process."""
    from ui import launch, limits
    from ui.server import safety

    # All users share one address here; elsewhere each has one of their own.
    safety.REQUESTS_PER_MINUTE = 20 * limits.REQUESTS_PER_MINUTE  # type: ignore[attr-defined]

    launch(opened(place, real=real), port=port, questions_per_minute=0)


def search_on(url: str, end: float) -> None:
    """Search now and then until ``end`` on the system's clock, in a separate process; print each one's milliseconds."""
    draw = random.Random(0)
    with httpx.Client(base_url=url, trust_env=False, verify=False, timeout=60) as client:
        while time.time() < end:
            began = time.perf_counter()
            client.post("api/search", json={"query": draw.choice(QUESTIONS)}).raise_for_status()
            print(1000 * (time.perf_counter() - began), flush=True)
            time.sleep(draw.uniform(*_PAUSE))


class Tally:
    """What happened, counted from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.lost: list[str] = []
        self.seen: list[str] = []

    def did(self, what: str, seconds: float) -> None:
        with self._lock:
            self.seconds[what].append(seconds)

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def lose(self, what: str) -> None:
        with self._lock:
            self.lost.append(what)

    def check(self, user: int, what: str, text: str, figures: list[str]) -> None:
        others = [one for number, one in enumerate(figures) if number != user and one in text]
        if others:
            with self._lock:
                self.seen.append(f"user {user}, {what}: {others}")


def use(user: int, url: str, figures: list[str], tally: Tally, end: float, seed: int) -> None:
    """Act as one person until the time is over."""
    from tests.ui.visitor import Visitor

    draw = random.Random(seed * 1000 + user)
    mine = figures[user]
    question = "Wie viel brachte der Kuchenbasar des Vereins ein?"
    own = f"Der Kuchenbasar des Vereins brachte {mine} Euro ein."
    visitor = Visitor(url)
    for _ in range(20):  # the app may be busy with as many files as it takes at once
        first = visitor.add(f"Verein {user}.md", own)
        if "added" in first:
            break
        tally.count(f"file refused: {first.get('refused')}")
        time.sleep(draw.uniform(0.5, 1.5))
    else:
        tally.lose(f"user {user}: the first file was not taken")
        return
    extra: list[str] = []

    def post(address: str, body: dict) -> str:
        while True:
            answer = visitor.client.post(address, json=body)
            if answer.status_code not in BUSY:
                answer.raise_for_status()
                return answer.text
            tally.count("asked to wait")
            time.sleep(min(5.0, float(answer.headers.get("retry-after", 1))))

    def ask_page() -> None:
        text = visitor.ask(f"{question} ({draw.random():.3f})", "uploads")
        tally.check(user, "page", text, figures)
        if mine not in text:
            tally.lose(f"user {user}: the page's answer lacks the own figure")

    def ask_program() -> None:
        text = post("api/ask", {"question": draw.choice(QUESTIONS), "fresh": True})
        tally.check(user, "ask", text, figures)
        if "answer" not in json.loads(text):
            tally.lose(f"user {user}: no answer in {text[:80]}")

    def ask_own() -> None:
        text = post("api/ask", {"question": question, "fresh": True, "filter": {"collection": "all"}})
        tally.check(user, "ask all", text, figures)
        if mine not in text:
            tally.lose(f"user {user}: an answer from all lacks the own figure")

    def search() -> None:
        restrict = {"filter": {"collection": "uploads"}} if draw.random() < 0.5 else {}
        text = post("api/search", {"query": question if restrict else draw.choice(QUESTIONS), **restrict})
        tally.check(user, "search", text, figures)
        if restrict and mine not in text:
            tally.lose(f"user {user}: the search lacks the own file")

    def break_off() -> None:
        body = {"question": draw.choice(QUESTIONS), "stream": True, "fresh": True}
        with visitor.client.stream("POST", "api/ask", json=body) as answer:
            for _ in answer.iter_lines():
                break

    def upload() -> None:
        if len(extra) >= 3:
            visitor.call("own_file_remove", {"key": visitor.key, "name": extra.pop(0)})
        name = f"Notiz {user} {draw.randrange(10**9)}.md"
        found = visitor.add(name, f"Eine Notiz: {own} Nummer {draw.random()}.")
        if "added" in found:
            extra.append(name)
        else:
            tally.count(f"file refused: {found.get('refused')}")
        tally.check(user, "files", json.dumps(found), figures)
        if any(f"Notiz {user} " not in one and one != f"Verein {user}.md" for one in visitor.files()):
            tally.seen.append(f"user {user} sees another's file")

    def reload() -> None:
        nonlocal visitor
        cookies = visitor.client.cookies
        visitor.client.close()
        while True:
            try:
                visitor = Visitor(url, cookies=cookies)
                break
            except httpx.HTTPStatusError as error:  # all users have one address here, and page loads count
                if error.response.status_code not in BUSY:
                    raise
                tally.count("asked to wait")
                time.sleep(min(5.0, float(error.response.headers.get("retry-after", 1))))
        if f"Verein {user}.md" not in visitor.files():
            tally.lose(f"user {user}: the own file is gone after a reload")

    doings = [ask_page, ask_program, ask_own, search, search, search, search, break_off, upload, reload]
    while time.monotonic() < end:
        doing = draw.choice(doings)
        began = time.perf_counter()
        try:
            doing()
        except (httpx.HTTPError, AssertionError, ValueError) as error:
            tally.lose(f"user {user}, {doing.__name__}: {type(error).__name__} {str(error)[:120]}")
        tally.did(doing.__name__, time.perf_counter() - began)
        time.sleep(draw.uniform(*_PAUSE))


def fill(url: str) -> None:
    """Open as many pages as the app remembers, so that they do not count as growth of memory later."""
    from tests.ui.visitor import Visitor
    from ui.launching.serving import SESSIONS

    for _ in range(SESSIONS):
        with Visitor(url) as visitor:
            visitor.files()


def memory(process: psutil.Process) -> float:
    """Return the megabytes of memory of the app and the processes it started."""
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6


def used(process: psutil.Process) -> float:
    """Return the seconds of processor time that the app has used."""
    times = process.cpu_times()
    return times.user + times.system


def watch(process: psutil.Process, end: float) -> list[tuple[float, float]]:
    """Measure the app's memory once a second; return pairs of seconds since the beginning and megabytes."""
    began, found = time.monotonic(), []
    while time.monotonic() < end:
        found.append((time.monotonic() - began, memory(process)))
        time.sleep(1)
    return found


def searching(url: str, seconds: float) -> subprocess.Popen[str]:
    """Let one more person search for ``seconds``, in a process of its own."""
    words = [sys.executable, "-m", "bench.speed.soak", "--search", url, str(time.time() + seconds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--serve", nargs=2, metavar=("PLACE", "PORT"), help=argparse.SUPPRESS)
    parser.add_argument("--search", nargs=2, metavar=("URL", "END"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(Path(options.serve[0]), int(options.serve[1]), real=options.real)
        return 0
    if options.search:
        search_on(options.search[0], float(options.search[1]))
        return 0
    with served("bench.speed.soak", *(["--real"] if options.real else [])) as app:
        failed = soak(options, f"{app.url}/", app.process)
        tracebacks = app.log.count("Traceback")
        print(f"tracebacks in the app's log: {tracebacks}")
        if tracebacks:
            print(app.log[app.log.index("Traceback") :][:3000])
    return int(failed or tracebacks > 0)


def soak(options: argparse.Namespace, url: str, process: psutil.Process) -> bool:
    """Let the people use the app, print how it went, and tell whether anything was wrong."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{described()}, load before {load}; {options.users} users, {options.minutes:g} min, real: {options.real}\n")
    fill(url)
    alone = [float(line) for line in searching(url, 20).communicate()[0].split()]
    print(f"a search alone: median {statistics.median(alone):.0f} ms, p95 {p95(alone):.0f} ms", flush=True)
    figures = [str(10_000_019 + 7919 * number) for number in range(options.users)]
    tally, end = Tally(), time.monotonic() + 60 * options.minutes
    people = [
        threading.Thread(target=use, args=(user, url, figures, tally, end, options.seed), daemon=True)
        for user in range(options.users)
    ]
    for one in people:
        one.start()
    before = used(process)
    searcher = searching(url, 60 * options.minutes)
    samples = watch(process, end)
    share = (used(process) - before) / (60 * options.minutes)
    for one in people:
        one.join(120)
    tally.lost += ["a person whose last request did not end" for one in people if one.is_alive()]
    for name, times in sorted(tally.seconds.items()):
        median = 1000 * statistics.median(times)
        print(f"{name:12} {len(times):5}  median {median:6.0f} ms  p95 {1000 * p95(times):6.0f} ms")
    searches = [float(line) for line in searcher.communicate()[0].split()]
    slow = p95(searches) > SEARCH_MS
    print(
        f"a search meanwhile: {len(searches)}, median {statistics.median(searches):.0f} ms, p95 {p95(searches):.0f} ms"
    )
    for name, count in tally.counts.items():
        print(f"{name}: {count}")
    print(f"lost: {len(tally.lost)}; seen of others: {len(tally.seen)}")
    for line in (tally.lost + tally.seen)[:10]:
        print(f"  {line}")
    print(f"the app used {100 * share:.0f} % of a core; load after {os.getloadavg()[0]:.1f}")
    large = grew(samples)
    return bool(tally.lost or tally.seen or slow or large)


def grew(samples: list[tuple[float, float]]) -> bool:
    """Print how much memory the app had, and tell whether it grew too much after the first minute."""
    late = [size for at, size in samples if at >= 60]
    if len(late) < 10:
        print("memory: too short to say")
        return False
    minutes = [
        statistics.median(size for at, size in samples if at // 60 == one) for one in range(int(samples[-1][0] // 60))
    ]
    print(f"memory by minute: {', '.join(f'{one:.0f}' for one in minutes)} MB")
    part = max(5, len(late) // 4)
    first, last = statistics.median(late[:part]), statistics.median(late[-part:])
    growth = last / first - 1
    print(f"memory after the first minute: {first:.0f} MB, at the end {last:.0f} MB ({100 * growth:+.1f} %)")
    return growth > GROWTH


if __name__ == "__main__":
    sys.exit(main())
