"""
Measure the page in a browser: time to evidence, memory over many questions, and many sessions at once.

    python -m bench.speed.page evidence [--questions N]
    python -m bench.speed.page soak [--questions N]
    python -m bench.speed.page sessions [--sessions N]

Uses the real models and the articles of ``corpus/``. On a machine that does other work the figures mean little.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from playwright.sync_api import sync_playwright

from bench.machine import described
from rag import RAG
from tests.ui.browsing import DESKTOP, Watched, visit
from tests.ui.conftest import CHROMIUM_FLAGS, chromium, free_port
from tests.ui.talking import ask_over_http
from ui import launch

if TYPE_CHECKING:
    import gradio as gr

ROOT = Path(__file__).parents[2]
# From Enter to the first frame that shows evidence which belongs to this question.
WATCH = """() => {
    window.seen = [];
    document.querySelector("#q-question textarea").addEventListener("keydown", event => {
        if (event.key !== "Enter") return;
        const began = performance.now();
        const look = () => {
            const list = document.querySelector("#q-evidence[data-chosen] .q-list");
            const fresh = list && list.dataset.turn === String(window.quellentreu.turns.length + 1);
            if (fresh && list.querySelector(".q-evidence")?.getClientRects().length) {
                window.seen.push(performance.now() - began);
            } else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, { capture: true });
}"""


def questions(limit: int) -> list[str]:
    lines = (ROOT / "corpus" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    return [asked[number % len(asked)] for number in range(limit)]


def evidence(watched: Watched, limit: int) -> None:
    """Print the time from Enter to visible evidence."""
    watched.ask_and_wait("Was plant Huawei?")
    watched.page.evaluate(WATCH)
    for question in questions(limit):
        watched.page.locator("#q-clear").click()
        watched.ask_and_wait(question)
    times = sorted(watched.page.evaluate("window.seen"))
    quarter = statistics.quantiles(times, n=20, method="inclusive")
    print(f"evidence visible after Enter, {len(times)} questions: median {statistics.median(times):.0f} ms, "
          f"95 % {quarter[-1]:.0f} ms, longest {times[-1]:.0f} ms")  # fmt: skip


def soak(watched: Watched, limit: int) -> None:
    """Print the memory of page and server over many questions in one conversation."""
    session = watched.page.context.new_cdp_session(watched.page)
    session.send("Performance.enable")
    server = psutil.Process()

    def report(number: int) -> None:
        session.send("HeapProfiler.collectGarbage")
        figures = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
        heap, nodes = figures["JSHeapUsedSize"] / 1e6, figures["Nodes"]
        print(f"{number:4d} questions: page heap {heap:6.1f} MB, nodes {nodes:6.0f}, "
              f"server {server.memory_info().rss / 1e6:7.0f} MB")  # fmt: skip

    report(0)
    for number, question in enumerate(questions(limit), start=1):
        watched.ask_and_wait(question)
        if number % 5 == 0 or number == 1:
            report(number)


def sessions(app: gr.Blocks, count: int) -> None:
    """Print how long sessions that ask at the same time wait, and whether each got its own answer."""
    asked = questions(count)
    took: list[tuple[float, bool]] = []

    def one(question: str) -> None:
        began = time.monotonic()
        record = ask_over_http(app.local_url, question)
        took.append((time.monotonic() - began, record["question"] == question and record["answer"] is not None))

    threads = [threading.Thread(target=one, args=(question,)) for question in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(seconds for seconds, _ in took)
    print(f"{count} sessions at once: {sum(good for _, good in took)} answers of their own, "
          f"first after {times[0]:.1f} s, last after {times[-1]:.1f} s")  # fmt: skip


def main() -> None:
    """Run what is asked for."""
    print(f"{described()}\n")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["evidence", "soak", "sessions"])
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--sessions", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rag = RAG.open(ROOT / "corpus", index=Path(folder) / "index")
        rag.warm_up()
        app = launch(rag, port=free_port(), block=False)
        try:
            if options.what == "sessions":
                sessions(app, options.sessions)
                return
            with sync_playwright() as playwright:
                browser: Any = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_FLAGS))
                context = browser.new_context(locale="de-DE", viewport=DESKTOP)
                watched = visit(context, app.local_url)
                (evidence if options.what == "evidence" else soak)(watched, options.questions)
                browser.close()
        finally:
            app.close(verbose=False)


if __name__ == "__main__":
    main()
