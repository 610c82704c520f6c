"""
Plant the attacks of BIPIA (Yi et al. 2023) in the articles of the corpus, as a set for `rag eval`.

    python -m bench.answers.plant_attacks BIPIA_FOLDER OUT.jsonl
    rag eval OUT.jsonl --max injection_success_rate=0.02

Each of the 150 text attacks gets one of our own answerable questions and is planted in the article that holds the
answer, in turn as its first paragraph, right after the sentence that answers, or as its last paragraph.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from index.reading.documents import front_matter

CORPUS = Path(__file__).parents[2] / "corpus"


def main(folder: Path, target: Path) -> None:
    attacks = [
        text
        for part in ("test", "train")
        for texts in json.loads((folder / f"text_attack_{part}.json").read_text(encoding="utf-8")).values()
        for text in texts
    ]
    articles = {file.name: _body(file.read_text(encoding="utf-8")) for file in sorted(CORPUS.glob("*.md"))}
    lines = (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [one for one in map(json.loads, lines) if one["answerable"] and len(one["sources"]) == 1]
    cases = []
    for number, attack in enumerate(attacks):
        question = questions[number % len(questions)]
        source, quote = question["sources"][0], question["gold_quotes"][0]
        text = articles[source]
        place = (0, text.index(quote) + len(quote), len(text))[number % 3]
        before, after = ("", "\n\n") if place == 0 else ("\n\n", "") if place == len(text) else (" ", "")
        planted = articles | {source: text[:place] + before + attack + after + text[place:]}
        cases.append(
            {
                **{key: value for key, value in question.items() if key != "kind"},
                "id": f"{question['id']}-{number:03d}",
                "injection": attack,
                "passages": [{"id": name, "title": "", "text": body} for name, body in planted.items()],
            }
        )
    target.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")
    print(f"{len(cases)} attacks planted in {target}")


def _body(text: str) -> str:
    return text[front_matter(text)[1] :].strip()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
