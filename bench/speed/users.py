"""
Let N users ask at the same time, and stop one question in the middle.

    python -m bench.speed.users [N]

Prints when the users had evidence, first token and answer, how many were lost, how long a search takes meanwhile, how
long a stop takes while the model reads, and how long one question takes alone: the machine's calibration.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from pathlib import Path

from bench.machine import described
from rag import RAG, BusyError, Delta, EvidenceReady, Finished
from rag.evaluation import load

CORPUS = Path(__file__).parents[2] / "corpus"


def main(users: int) -> None:
    print(f"{described()}\n")
    rag = RAG.open(CORPUS)
    rag.warm_up()
    cases = [case.question for case in load(CORPUS / "questions.jsonl").questions if not case.history]
    began = time.perf_counter()
    rag.ask(cases[0], fresh=True)
    print(f"one alone: {time.perf_counter() - began:.1f} s")

    stream = rag.stream(cases[1], fresh=True)
    next(stream)
    reader = threading.Thread(target=list, args=(stream,))
    reader.start()
    time.sleep(0.5)
    began = time.perf_counter()
    stream.stop()
    reader.join()
    print(f"a stop while the model reads: {1000 * (time.perf_counter() - began):.0f} ms")

    times: dict[str, list[float]] = {"evidence": [], "first token": [], "answer": []}
    lost: list[str] = []

    def ask(number: int) -> None:
        kinds = {EvidenceReady: "evidence", Delta: "first token", Finished: "answer"}
        came: dict[str, float] = {}
        try:
            for event in rag.stream(cases[number % len(cases)], fresh=True, client=number):
                name = kinds.get(type(event))
                if name:
                    came.setdefault(name, time.perf_counter() - start)
        except BusyError as error:
            lost.append(str(error))
        for name, seconds in came.items():
            times[name].append(seconds)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(users)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    searches = []
    while any(thread.is_alive() for thread in threads):
        began = time.perf_counter()
        rag.search("Ascend 910C")
        searches.append(1000 * (time.perf_counter() - began))
        time.sleep(0.5)
    for name, seconds in times.items():
        if seconds:
            print(f"{name:11} {len(seconds):3}  median {statistics.median(seconds):6.1f} s  last {max(seconds):6.1f} s")
    print(f"lost {users - len(times['answer'])} of {users}; busy {len(lost)}")
    print(f"a search meanwhile: median {statistics.median(searches):.0f} ms, longest {max(searches):.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
