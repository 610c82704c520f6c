"""
Turn the FAQ set into a BEIR folder: queries are rewordings, relevant are the FAQ entries with the original question.

    python -m bench.search.covid_faq_to_beir ../shared/eval/covid_faq_de OUT && rag eval OUT

The data stays outside the repository.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path


def main(source: Path, target: Path) -> None:
    """Write ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv``."""
    entries = [json.loads(line) for line in (source / "faq_de.jsonl").read_text(encoding="utf-8").splitlines()]
    asking: dict[str, list[str]] = {}
    for entry in entries:
        asking.setdefault(entry["question"].strip(), []).append(str(entry["id"]))
    with (source / "question_similarity_de.csv").open(encoding="utf-8", newline="") as stream:
        pairs = [row for row in csv.DictReader(stream) if row["similar"] == "1" and row["question_1"].strip() in asking]
    (target / "qrels").mkdir(parents=True, exist_ok=True)
    documents = [{"_id": str(one["id"]), "title": one["question"], "text": one["answer"]} for one in entries]
    queries = [{"_id": f"q{number}", "text": pair["question_2"]} for number, pair in enumerate(pairs)]
    for name, lines in (("corpus", documents), ("queries", queries)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (target / f"{name}.jsonl").write_text(text, encoding="utf-8")
    relevant = [
        f"q{number}\t{document}\t1\n"
        for number, pair in enumerate(pairs)
        for document in asking[pair["question_1"].strip()]
    ]
    (target / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(relevant), encoding="utf-8")
    sys.stderr.write(f"{len(documents)} documents, {len(queries)} queries in {target}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
