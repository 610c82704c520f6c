"""The reasons that `rag compare` gives for a changed answer, from two real runs with small models."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from rag import prompts
from rag.evaluation import Evaluation, Question, check_baseline, evaluate, write_baseline
from rag.evaluation.baseline import limits_of_baseline
from rag.evaluation.comparing import Comparison, compare, read, record
from rag.evaluation.comparing.html import render_html
from rag.evaluation.comparing.markdown import MARK, render_markdown
from rag.evaluation.types import CheckedCitation, Outcome
from tests.rag.building import build
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

ASKED = Question(
    "q1", "Wie viel will der Chiphersteller Cambricon aufnehmen?", ("4 Milliarden Yuan",), sources=("cambricon.md",)
)
OTHER = Question("q2", "Wer übernimmt die Fertigung des Ascend 910C?", ("SMIC",), sources=("huawei.md",))
SENTENCE = "Der Chiphersteller Cambricon will 4 Milliarden Yuan aufnehmen. "


class Bench:
    """Runs the same questions again, with other articles, settings or models."""

    def __init__(self, corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.corpus, self.index, self.patch = corpus, index, monkeypatch
        monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))

    def run(self, *questions: Question, engine: ScriptedEngine | None = None, **options: Any) -> Evaluation:
        asked = engine or ScriptedEngine(says=lambda page: ("4 Milliarden Yuan" if "Yuan" in page else "SMIC",))
        rag = build(self.corpus, self.index, asked, **options)
        rag.sync()
        return evaluate(rag, list(questions or (ASKED, OTHER)), fresh=True)


@pytest.fixture
def bench(corpus: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    return Bench(corpus, index_dir, monkeypatch, tmp_path)


def between(before: Evaluation, after: Evaluation) -> Comparison:
    return compare(record(before.to_json(), "A"), record(after.to_json(), "B"))


def why(comparison: Comparison, id_: str = "q1") -> list[str]:
    (change,) = [one for one in comparison.changes if one.id == id_]
    return [reason.kind for reason in change.reasons]


def said(comparison: Comparison, id_: str = "q1") -> str:
    (change,) = [one for one in comparison.changes if one.id == id_]
    return change.reasons[0].text


def test_nothing_changes_between_two_runs_of_the_same(bench: Bench) -> None:
    result = between(bench.run(), bench.run())
    assert result.changes == result.notes == ()
    assert render_markdown(result).splitlines()[0] == MARK
    assert "None of 2 questions came out otherwise." in render_markdown(result)


def test_an_article_that_changed(bench: Bench) -> None:
    before = bench.run()
    file = bench.corpus / "cambricon.md"
    file.write_text(file.read_text("utf-8").replace("4 Milliarden", "6 Milliarden"), encoding="utf-8")
    result = between(before, bench.run())
    assert [change.id for change in result.worse] == ["q1"]
    assert said(result) == "cambricon.md changed"
    assert why(result)[0] == "article_changed"
    change = result.changes[0]
    assert "6 Milliarden" in change.after
    assert any("4 Milliarden" in text for text in change.evidence_before)
    assert any("6 Milliarden" in quote for *_, quote in change.citations_after)


def test_an_article_that_is_gone_and_one_that_is_called_otherwise(bench: Bench) -> None:
    free = replace(ASKED, sources=())
    before = bench.run(free)
    (bench.corpus / "cambricon.md").rename(bench.corpus / "chips.md")
    renamed = between(before, bench.run(free))
    assert why(renamed)[0] == "article_gone"
    assert said(renamed) == "cambricon.md is called chips.md now"
    (bench.corpus / "chips.md").unlink()
    result = between(before, bench.run(free))
    assert why(result)[0] == "article_gone"
    assert said(result) == "cambricon.md is not in the corpus any more"


def test_an_article_that_is_not_found_any_more(bench: Bench) -> None:
    before, after = bench.run().to_json(), bench.run().to_json()
    later = after["questions"][0]
    later["shares"]["recall@10"], later["cause"], later["basis"]["evidence"] = [0.0, 1.0], "not_retrieved", []
    later["basis"]["read"], later["basis"]["answer"] = ["x"], "x"
    result = compare(record(before, "A"), record(after, "B"))
    assert why(result) == ["not_found", "other_evidence"]


def test_other_evidence(bench: Bench) -> None:
    before = bench.run()
    many = {f"n{number}.md": f"# Nummer {number}\n\n{SENTENCE}Das sagt Nummer {number}.\n" for number in range(3)}
    for name, text in many.items():
        (bench.corpus / name).write_text(text.replace("4", "9"), encoding="utf-8")
    reasons = why(between(before, bench.run()))
    assert "other_evidence" in reasons
    assert reasons[0] == "article_changed"  # the new articles
    many_fewer = compare(record(before.to_json(), "A"), record(bench.run(evidence_tokens=40).to_json(), "B"))
    assert "other_evidence" in why(many_fewer)


def test_the_gate_and_the_settings(bench: Bench) -> None:
    def unsure() -> ScriptedEngine:
        engine = ScriptedEngine("4 Milliarden Yuan")
        engine.preferences = lambda ending, options: (0.3, 0.3)  # type: ignore[method-assign]
        return engine

    before = bench.run(engine=unsure(), strictness=0.1)
    result = between(before, bench.run(engine=unsure(), strictness=1.0))
    assert why(result) == ["gate", "settings"]
    assert re.fullmatch(
        r"the gate said yes \(probability 0\.\d\d, needed 0\.06\) before and "
        r"said no \(probability 0\.\d\d, needed 0\.60\) now",
        said(result),
    )
    assert "strictness 0.1 before, 1.0 now" in result.changes[0].reasons[1].text


def test_a_model_and_its_words(bench: Bench) -> None:
    engine = ScriptedEngine("Der Sitz liegt in Peking.")
    engine.fingerprint = "another"  # type: ignore[misc]
    result = between(bench.run(), bench.run(engine=engine))
    assert why(result) == ["model"]
    assert said(result) == "another model: llm scripted before, another now"


def test_a_prompt_code_and_machine(bench: Bench) -> None:
    before = bench.run()
    bench.patch.setattr(prompts, "fingerprint", lambda: "other")
    bench.patch.setattr("rag.evaluation.runner.code_fingerprint", lambda _: "other")
    bench.patch.setattr("rag.evaluation.runner.machine", lambda *_: {"precision": "odd", "instructions": "none"})
    result = between(before, bench.run(engine=ScriptedEngine("Der Sitz liegt in Peking.")))
    assert why(result) == ["prompt", "code", "machine"]
    assert any("two kinds of machine" in note for note in result.notes)


def test_a_set_that_changed(bench: Bench) -> None:
    before = bench.run()
    wanted = replace(ASKED, answers=("9 Milliarden",))
    judged = between(before, bench.run(wanted, OTHER))
    assert [change.id for change in judged.worse] == ["q1"]
    assert why(judged) == ["wanted"]
    asked = between(before, bench.run(replace(ASKED, question="Wo liegt der Sitz von Cambricon?"), OTHER))
    assert why(asked)[0] == "question"
    assert asked.missing == ("q1",)
    assert asked.shared == 1
    talked = between(before, bench.run(replace(ASKED, history=(("Was ist neu?", "Chips."),)), OTHER))
    assert why(talked)[0] == "question"
    assert talked.shared == 2


def test_a_run_of_an_older_version_compares_as_far_as_it_can_tell(bench: Bench) -> None:
    before = bench.run().to_json()
    for question in before["questions"]:
        del question["basis"]
    del before["settings"], before["documents"]
    after = bench.run(engine=ScriptedEngine("x", confirms=False)).to_json()
    result = compare(record(before, "old.json"), record(after, "B"))
    assert result.notes == (
        "old.json was written by an older version: why its answers are other ones is told in part only.",
    )
    assert [change.id for change in result.worse] == ["q1", "q2"]
    assert why(result) == ["unknown"]


def test_a_baseline_tells_that_an_answer_is_another_one(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(bench.run(), file)
    assert "Cambricon will" not in file.read_text("utf-8")  # the baseline has no sentence of an article
    after = bench.run(engine=ScriptedEngine("x", confirms=False))
    result = compare(read(file), record(after.to_json(), "B"))
    assert {"answer", "verdict"} <= set(result.changes[0].parts)
    assert any("baseline without texts" in note for note in result.notes)


def test_a_baseline_of_another_machine_holds_search_and_evidence_only(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    questions = [replace(ASKED, id=f"q{number}") for number in range(8)]
    write_baseline(bench.run(*questions), file)
    silent = bench.run(*questions, engine=ScriptedEngine("x", confirms=False))
    assert any(line.startswith("answer_contains fell behind") for line in check_baseline(silent, file))
    assert limits_of_baseline(silent, file) == []
    newer = replace(silent, fingerprints={**silent.fingerprints, "runtime": "unknown 2"})
    assert check_baseline(newer, file)  # a newer runtime does not count as another machine
    elsewhere = replace(silent, fingerprints={**silent.fingerprints, "instructions": "arm64"})
    assert check_baseline(elsewhere, file) == []
    (line,) = limits_of_baseline(elsewhere, file)
    assert "another kind of machine (instructions " in line
    assert "search and evidence are compared, answers are not" in line
    lost = [replace(one, shares={**one.shares, "recall@5": (0.0, 1.0)}) for one in elsewhere.outcomes]
    assert check_baseline(replace(elsewhere, outcomes=tuple(lost)), file)[0].startswith("recall@5 fell behind")


def test_an_old_baseline_says_that_it_does_not_say_where_it_was_made(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_text('{"questions": [{"id": "q1", "shares": {}}, {"id": "q2", "shares": {}}]}', encoding="utf-8")
    assert check_baseline(bench.run(), file) == []
    (line,) = limits_of_baseline(bench.run(), file)
    assert "older version" in line


HOSTILE = "<script>alert(1)</script> | `x` @you #1 https://example.org </details> \u202e [a](b)"


def outcome(number: int, right: bool, text: str, score: float = 0.0) -> Outcome:
    return Outcome(
        f"q{number}",
        f"Frage {number}? {HOSTILE}",
        True,
        answer=text,
        evidence=(text,),
        citations=(CheckedCitation(HOSTILE, 0, 3, text, right),),
        cause=None if right else "wrong_answer",
        shares={"answer_contains": (float(right), 1.0), "answer_f1": (score, 1.0)},
    )


def evaluation(*outcomes: Outcome) -> Evaluation:
    return Evaluation("set", "native", len(outcomes), {}, {}, {}, {}, outcomes)


def mixed(many: int = 1) -> Comparison:
    before = [outcome(0, True, "gut", 1), outcome(1, False, "falsch", 0.2), outcome(2, True, "gut", 0.3)]
    after = [outcome(0, False, HOSTILE), outcome(1, True, "gut", 1), outcome(2, False, HOSTILE, 0.2)]
    before += [outcome(n, False, f"alt {n}", 0.5) for n in range(3, 3 + many)]
    after += [outcome(n, False, f"neu {n} {'lang ' * 50}", 0.4) for n in range(3, 3 + many)]
    return between(evaluation(*before), evaluation(*after))


def test_the_worst_comes_first() -> None:
    result = mixed()
    assert [change.id for change in result.changes] == ["q0", "q2", "q3", "q1"]
    assert [change.direction for change in result.changes] == ["worse", "worse", "other", "better"]
    data = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert data["changes"][0]["changed"] == ["verdict", "answer", "evidence"]
    assert data["intervals"]["answer_contains"][0] <= -0.25 <= data["intervals"]["answer_contains"][1]


def test_markdown_for_a_pull_request_is_short_and_text_only() -> None:
    text = render_markdown(mixed())
    assert text.startswith(f"{MARK}\n\n### Answers: Of 4 questions 2 got worse and 1 better; 1 came out otherwise")
    assert "| `answer_contains` | 0.500 | 0.250 | -0.250 (" in text
    assert text.count("<details>") == text.count("</details>") == 4  # other metrics, and three groups
    for character in ("<script", "@you", "#1 ", "https://", "[a]"):
        assert character not in text
    long = render_markdown(mixed(400))
    assert len(long) < 65_536
    assert re.search(r"\d+ more are left out here", long)


def test_the_page_needs_nothing_but_itself_and_holds_texts_as_text() -> None:
    page = render_html(mixed())
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Reader().feed(page)
    assert {tag for tag, _ in tags}.isdisjoint({"script", "link", "img", "iframe"})
    assert not any("src" in attributes or "href" in attributes for _, attributes in tags)
    assert sum(tag == "details" for tag, _ in tags) == 4
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
