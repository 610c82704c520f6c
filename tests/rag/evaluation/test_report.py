from __future__ import annotations

import base64
import hashlib
import math
import re
import sys
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from index.errors import RagError
from rag.evaluation.report import plots, write_report
from rag.evaluation.report.causes import CAUSES, first_to_fix
from rag.evaluation.report.html import render_html
from rag.evaluation.report.junit import render_junit
from rag.evaluation.report.markdown import render_markdown
from rag.evaluation.report.wording import compare_with_baseline
from rag.evaluation.types import CheckedCitation, Evaluation, Outcome

HOSTILE = "a|b `c` <script>alert(1)</script> ]]> \x00\x1b\x0b\ud800\ufffe \"'> <b onclick=x> [l](//e.org)\n# h\r\n| - |"
VOID = {"meta", "br", "input", "wbr", "path", "use"}
CITED = (CheckedCitation("a.md", 3, 9, "Zitat", True), CheckedCitation("b.md", 0, 4, "Satz", False))
WELL = Outcome(
    "q1", "Wer?", True, ("Zhao",), ("a.md",), ("a.md", "b.md"), "Zhao.", False, True, True,
    ("Zhao war es.", "Wer sonst?"), CITED, (0.9, 0.7), None,
    {"answer_contains": (1.0, 1.0)}, {"total_ms": 1500.0, "answer_tokens": 1.0}, {"answer_contains": (0.0, 1.0)},
)  # fmt: skip
LOST = replace(
    WELL, id="q2", correct=False, cause="not_retrieved", retrieved=("b.md",), answer="Wang.", generated=False
)
SILENT = Outcome(
    "q3", "Wann?", False, answer="Nie.", cause="wrongly_answered", support=(0.6,), samples={"total_ms": 9.0}
)
ABSTAINED = Outcome("q4", "Wo?", False, answer="", abstained=True, samples={"total_ms": 4.0})
METRICS = {"recall@1": 0.5, "recall@3": 0.75, "recall@5": None, "answer_contains": 0.8, "total_ms_p50": 1500.4}
CONFIDENCE = {"recall@1": (0.25, 0.75), "recall@3": (0.5, 1.0), "answer_contains": (0.6, 0.9)}


def evaluation(*outcomes: Outcome, **changes: object) -> Evaluation:
    made = Evaluation(
        "set.jsonl", "native", len(outcomes), METRICS, CONFIDENCE, {"answer_contains": 0.5}, {"llm": "abc"}, outcomes
    )
    return replace(made, **changes)  # type: ignore[arg-type]


ALL = evaluation(WELL, LOST, SILENT, ABSTAINED)
RETRIEVAL = evaluation(
    Outcome("r1", "Wer?", True, sources=("a.md",), retrieved=("a.md",)),
    Outcome("r2", "Wo?", True, sources=("a.md",), cause="not_retrieved"),
    metrics={"recall@1": 0.5, "answer_contains": None},
    extractive={},
)


class Page(HTMLParser):
    """Collects elements, attributes and visible text, and checks that all elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)
        elif self.open[-1:] != ["style"]:
            self.text += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [
            found
            for name, found in self.elements
            if name == tag and all(found.get(key.replace("_", "-")) == value for key, value in attributes.items())
        ]


def hostile() -> Evaluation:
    cited = (CheckedCitation(HOSTILE, 0, 1, HOSTILE, False),)
    outcome = Outcome(
        HOSTILE, HOSTILE, True, (HOSTILE,), (HOSTILE,), (HOSTILE,), HOSTILE, False, True, False,
        (HOSTILE,), cited, (0.5,), "wrong_answer",
    )  # fmt: skip
    return evaluation(outcome, set=HOSTILE, fingerprints={HOSTILE: HOSTILE}, format=HOSTILE)


def test_writes_three_files_and_makes_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    files = write_report(ALL, folder)
    assert [file.name for file in files] == ["report.md", "junit.xml", "report.html"]
    assert sorted(folder.iterdir()) == sorted(files)


def test_same_evaluation_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [file.read_bytes() for file in write_report(ALL, tmp_path / "1")]
    assert first == [file.read_bytes() for file in write_report(ALL, tmp_path / "2")]
    assert first == [file.read_bytes() for file in write_report(ALL, tmp_path / "2")]


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RagError, match="cannot be written") as caught:
        write_report(ALL, tmp_path / "file" / "below")
    assert "\n" not in str(caught.value)


def test_without_matplotlib_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RagError, match="need matplotlib") as caught:
        write_report(ALL, tmp_path / "report")
    assert "quellentreu[report]" in caught.value.hint
    assert not (tmp_path / "report").exists()


def test_hostile_text_is_written(tmp_path: Path) -> None:
    for file in write_report(hostile(), tmp_path):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", file.read_text("utf-8"))


def test_markdown_keeps_hostile_text_in_its_cell() -> None:
    text = render_markdown(hostile())
    tables = [line for line in text.splitlines() if line.startswith("|")]
    failures = [line for line in tables if "`wrong_answer`" in line and "alert" in line]
    assert len(failures) == 1
    assert failures[0].count("|") == 6
    assert "<" not in text
    assert "](" not in text
    assert failures[0].count("`") == 2
    assert "a|b `c` <script>alert(1)</script>" in unescape(failures[0])
    assert [line for line in text.splitlines() if line.startswith("# ")] == text.splitlines()[:1]


def test_markdown_fits_a_job_summary_and_says_what_is_left_out() -> None:
    long = replace(LOST, question="|" * 5000, answer="ü<" * 5000)
    text = render_markdown(evaluation(*[replace(long, id=f"q{number}") for number in range(2000)]))
    assert len(text.encode()) < 600_000
    shown = text.count("| `not_retrieved` | &#124;")
    assert f"\n{2000 - shown} more are left out here" in text
    short = render_markdown(evaluation(*[replace(LOST, id=f"q{number}") for number in range(201)]))
    assert "\n1 more are left out here" in short
    assert "left out" not in render_markdown(ALL)


def test_markdown_tells_metrics_causes_and_fingerprints() -> None:
    text = render_markdown(ALL)
    assert "| `answer_contains` | 0.800 | 0.600 to 0.900 | 0.500 |" in text
    assert "| `total_ms_p50` | 1500 ms | – | – |" in text
    assert f"| `not_retrieved` | 1 | 50 % | {CAUSES['not_retrieved'].meaning} |" in text
    assert "| llm | abc |" in text
    assert "extractive baseline" not in render_markdown(RETRIEVAL)


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [(0.5, "beats the"), (0.7, "may be chance"), (0.8, "no better"), (0.95, "does not beat"), (None, "")],
)
def test_comparison_with_the_baseline(baseline: float | None, expected: str) -> None:
    text = compare_with_baseline(evaluation(WELL, extractive={"answer_contains": baseline}))
    assert expected in text
    assert bool(text) is (baseline is not None)
    assert ("alone is right on 1, the baseline alone on 0 of 1." in text) is bool(text)


def test_junit_has_one_case_for_each_question() -> None:
    root = ET.fromstring(render_junit(ALL))
    (suite,) = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("set.jsonl", "4", "2")
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == ["q1 Wer?", "q2 Wer?", "q3 Wann?", "q4 Wo?"]
    assert {case.get("classname") for case in cases} == {"set.jsonl"}
    failures = {case.get("name"): failure for case in cases for failure in case.findall("failure")}
    assert {name: one.get("type") for name, one in failures.items()} == {
        "q2 Wer?": "not_retrieved",
        "q3 Wann?": "wrongly_answered",
    }
    body = failures["q2 Wer?"].text or ""
    assert all(part in body for part in ("Wer?", "Zhao", "Wang.", "1. b.md", "not_retrieved"))
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties["recall@1"] == "0.5"
    assert properties["recall@1.low"] == "0.25"
    assert properties["extractive.answer_contains"] == "0.5"
    assert "recall@5" not in properties


def test_junit_keeps_hostile_text_as_text() -> None:
    (case,) = ET.fromstring(render_junit(hostile())).iter("testcase")
    (failure,) = case
    assert len(failure) == 0
    assert "<script>alert(1)</script> ]]>" in (failure.text or "")


@pytest.mark.parametrize("made", [ALL, RETRIEVAL, evaluation(), evaluation(WELL)])
def test_page_needs_nothing_from_elsewhere(made: Evaluation) -> None:
    text = render_html(made)
    page = Page(text)
    assert not re.search(r"https?:|//|@import|\bsrc\s*=", text)
    assert all(target == "#" for target in re.findall(r"url\(['\"]?(.)", text))
    for _, attributes in page.elements:
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    assert used <= set(ids)


def test_policy_admits_the_script_and_no_other() -> None:
    page = Page(render_html(ALL))
    (meta,) = page.all("meta", http_equiv="Content-Security-Policy")
    (script,) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert (meta["content"] or "").startswith(policy)


def test_page_keeps_hostile_text_as_text() -> None:
    page, harmless = Page(render_html(hostile())), Page(render_html(evaluation(replace(LOST, cause="wrong_answer"))))
    assert len(page.scripts) == len(harmless.scripts) == 1
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in harmless.elements} | {"b"}
    assert not [found for _, found in page.elements if "onclick" in found]
    assert page.text.count("<script>alert(1)</script> ]]>") >= 8


def test_page_has_rows_that_can_be_filtered() -> None:
    page = Page(render_html(ALL))
    rows = [(row["data-cause"], row["data-answerable"]) for row in page.all("details")]
    assert rows == [("none", "yes"), ("not_retrieved", "yes"), ("wrongly_answered", "no"), ("none", "no")]
    causes = [box["value"] for box in page.all("input", data_filter="cause")]
    assert causes == ["none", "not_retrieved", "wrongly_answered"]
    assert [box["value"] for box in page.all("input", data_filter="answerable")] == ["yes", "no"]
    assert page.all("input", id="search", type="search")
    (filters,) = page.all("div", id="filters")
    assert "hidden" in filters
    assert "went well 2" in page.text


def test_page_says_what_to_fix_next_and_shows_what_was_cited() -> None:
    text = Page(render_html(evaluation(WELL, LOST, LOST, SILENT))).text
    assert "What to fix nextnot_retrieved" in text
    assert "2 of 3 failures (67 %)" in text
    assert CAUSES["not_retrieved"].look_at in text
    assert "✓ right a.md 3 to 9Zitat" in text
    assert "✗ wrong b.md 0 to 4Satz" in text
    assert "total_ms 1500 ms" in text
    assert "No question failed." in Page(render_html(evaluation(WELL))).text


def test_first_cause_on_the_way_is_fixed_first() -> None:
    assert first_to_fix(evaluation(SILENT, LOST)) == "not_retrieved"
    assert first_to_fix(evaluation(SILENT, SILENT, LOST)) == "wrongly_answered"
    assert first_to_fix(evaluation(WELL)) is None


def test_retrieval_alone_has_no_answers() -> None:
    page = Page(render_html(RETRIEVAL))
    assert "retrieval only" in page.text
    assert "Answer" not in page.text
    assert plots.plot_reliability(RETRIEVAL) == plots.plot_time(RETRIEVAL) == ""
    assert "Answer: –" in render_junit(RETRIEVAL)


def test_what_is_unknown_is_a_dash() -> None:
    made = evaluation(WELL, metrics={"recall@1": None, "answer_f1": math.nan}, confidence={}, extractive={})
    for text in (render_markdown(made), Page(render_html(made)).text, render_junit(made)):
        assert not re.search(r"\b(nan|None)\b", text, re.IGNORECASE)
    assert "| `recall@1` | – | – |" in render_markdown(made)
    assert "| `answer_f1` | – | – |" in render_markdown(made)


def test_plots_are_there_where_there_is_data() -> None:
    names = (plots.plot_causes, plots.plot_recall, plots.plot_reliability, plots.plot_time)
    for name in names:
        plot = name(ALL)
        assert plot.startswith("<svg")
        assert 'role="img" aria-label="' in plot
        assert "<style" not in plot
        assert "#010203" not in plot
        assert name(evaluation(metrics={})) == ""


def test_reliability_counts_an_answer_to_an_unanswerable_question_as_wrong() -> None:
    wrong = replace(WELL, id="q9", answerable=False, correct=True, cause="wrongly_answered")
    label = plots.plot_reliability(evaluation(WELL, wrong, ABSTAINED, SILENT)).split("aria-label=")[1].split('"')[1]
    assert "0.00 right at support 0.60 (n = 1), 0.50 right at support 0.80 (n = 2)" in label


def test_plots_ignore_the_settings_of_the_user() -> None:
    import matplotlib as mpl

    plain = plots.plot_recall(ALL)
    with mpl.rc_context({"lines.linewidth": 9, "svg.fonttype": "path", "svg.hashsalt": "x"}):
        assert plots.plot_recall(ALL) == plain
        assert mpl.rcParams["svg.hashsalt"] == "x"
