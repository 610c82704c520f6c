"""
Ask the language model whether a sentence says yes or no to a question, and count how often it is wrong.

    python -m bench.answers.yes_no [SET]

SET has one JSON object per line: ``question``, ``sentence``, ``verdict`` (yes, no or open) and ``lang``. Prints for
each of two ways to ask how many of the surest replies are wrong.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rag.inference import create_engine
from rag.inference.protocol import Message
from rag.inference.weights import resolve_llm
from rag.settings import load_settings

SET = Path(__file__).parents[2] / "tests" / "data" / "yes_no.jsonl"
SAID = (5, 10, 15, 20, 30, 40)
VERDICTS = ("yes", "no")
SYSTEM = {
    "de": "Du prüfst, was ein Satz zu einer Frage sagt.",
    "en": "You check what a sentence says about a question.",
}
PAGE = {"de": "Satz: {sentence}\nFrage: {question}", "en": "Sentence: {sentence}\nQuestion: {question}"}
WAYS = {
    "yes, no or open": {
        "de": (
            "Sagt der Satz ausdrücklich Ja oder Nein zur Frage? Antworte nur mit Ja, Nein oder Offen.",
            ("Ja", "Nein"),
        ),
        "en": ("Does the sentence outright say yes or no to the question? Answer only yes, no or open.", ("Yes", "No")),
    },
    "yes or no": {
        "de": ("Wie lautet die Antwort nach diesem Satz allein? Antworte nur mit Ja oder Nein.", ("Ja", "Nein")),
        "en": ("What is the answer by this sentence alone? Answer only yes or no.", ("Yes", "No")),
    },
}


def main(file: Path) -> None:
    settings = load_settings()
    engine = create_engine(resolve_llm(settings.generation.model), settings)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    print("| asked | " + " | ".join(map(str, SAID)) + " |")
    for way, endings in WAYS.items():
        said: list[tuple[float, bool]] = []
        for row in rows:
            ending, options = endings[row["lang"]]
            page = [Message("system", SYSTEM[row["lang"]]), Message("user", PAGE[row["lang"]].format(**row))]
            with engine.read(page) as reading:
                shares = reading.preferences(f"\n\n{ending}", options)
            surest = max(range(len(VERDICTS)), key=lambda one: shares[one])
            said.append((shares[surest], VERDICTS[surest] == row["verdict"]))
        said.sort(reverse=True)
        wrong = [sum(not right for _, right in said[:count]) for count in SAID]
        print(f"| {way} | " + " | ".join(map(str, wrong)) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, nargs="?", default=SET)
    main(parser.parse_args().set)
