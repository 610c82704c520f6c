"""`pytest --rag-set`, run by pytest within a test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from index.syncing.sync import sync
from rag import client as facade
from rag.evaluation import evaluate, write_baseline
from rag.evaluation.testing import session  # noqa: F401 - see _imported
from rag.evaluation.types import Question
from rag.settings import Settings
from tests.conftest import ARTICLES
from tests.rag.building import synced
from tests.rag.evaluation.sets import beir
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[4]
PLUGIN = ("-p", "rag.evaluation.pytest_plugin", "-p", "no:cacheprovider")
RIGHT = {
    "id": "q1",
    "question": "Wie viel will der Chiphersteller Cambricon aufnehmen?",
    "answers": ["4 Milliarden Yuan"],
    "sources": ["cambricon.md"],
}
WRONG = {**RIGHT, "id": "q2", "answers": ["sieben Taler"], "kind": "fact"}
WARM = Question("w", "Wie viel will Cambricon aufnehmen?", answers=("Yuan",), sources=("cambricon.md",))
SILENT = {"id": "q3", "question": "Wie lange ruht Hefeteig?", "answerable": False}


@pytest.fixture(scope="module", autouse=True)
def _imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ask once: pytester forgets modules that it imported first, and C extensions cannot be imported twice."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "cambricon.md").write_text(ARTICLES["cambricon.md"], encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAG_MODEL_CACHE", str(folder / "cache"))
        evaluate(synced(folder / "corpus", folder / "index"), [WARM])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, corpus: Path, index_dir: Path, tmp_path: Path) -> ScriptedEngine:
    """Use fake models in every `RAG` that the plugin opens."""
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    embedder = HashingEmbedder()
    sync(corpus, index_dir, embedder)
    real = facade.RAG
    engine = ScriptedEngine("Cambricon will 4 Milliarden Yuan aufnehmen.", confirms=lambda page: "Hefeteig" not in page)

    def made(settings: Settings, **_: object) -> facade.RAG:
        own = settings.corpus != Path("corpus")  # a set with its own documents
        return real(settings if own else Settings(corpus=corpus, index=index_dir), embedder=embedder, engine=engine)

    monkeypatch.setattr(facade, "RAG", made)
    return engine


def a_set(pytester: pytest.Pytester, *cases: object, name: str = "set.jsonl") -> Path:
    file = pytester.path / name
    file.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return file


def run(pytester: pytest.Pytester, *arguments: object) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*PLUGIN, *map(str, arguments))


def test_each_question_is_a_test_that_says_what_went_wrong(pytester: pytest.Pytester, asked: ScriptedEngine) -> None:
    pytester.makepyfile(test_beside="def test_beside(): raise AssertionError('is not run')")
    result = run(pytester, "--rag-set", a_set(pytester, RIGHT, WRONG, SILENT), "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*set.jsonl::q1 PASSED*",
            "*set.jsonl::q2 FAILED*",
            "*set.jsonl::q3 PASSED*",
            "*q2: Wie viel will der Chiphersteller Cambricon aufnehmen?*",
            "Question: Wie viel will der Chiphersteller Cambricon aufnehmen?",
            "Gold: sieben Taler",
            "Answer: *4 Milliarden Yuan*",
            "  1. cambricon.md (gold)",
            "Cause: not_selected.*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "wording.py" not in result.stdout.str()


def test_a_path_beside_the_set_is_run_as_well(pytester: pytest.Pytester, asked: ScriptedEngine) -> None:
    beside = pytester.makepyfile(test_beside="def test_beside(): pass")
    run(pytester, "--rag-set", a_set(pytester, RIGHT), beside).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("options", "outcomes"),
    [
        (["--rag-min", "answer_contains=0.5", "--rag-max", "false_answer_rate=0"], {"passed": 3, "failed": 1}),
        (["--rag-min", "answer_contains=0.9"], {"passed": 2, "failed": 2}),
        (["--rag-min", "answer_contains=0.5", "--rag-tolerate"], {"passed": 3, "xfailed": 1}),
        (["--rag-min", "answer_contains=0.9", "--rag-tolerate"], {"passed": 2, "failed": 1, "xfailed": 1}),
    ],
)
def test_the_bounds_are_the_last_test(
    pytester: pytest.Pytester, asked: ScriptedEngine, options: list[str], outcomes: dict[str, int]
) -> None:
    result = run(pytester, "--rag-set", a_set(pytester, RIGHT, WRONG, SILENT), "-v", *options)
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(["*::q3 PASSED*", "*::bounds *"])
    if "answer_contains=0.9" in options:
        result.stdout.fnmatch_lines(["answer_contains is 0.500, below 0.9"])


def test_bounds_hold_for_all_questions_also_where_few_are_chosen(
    pytester: pytest.Pytester, asked: ScriptedEngine
) -> None:
    file = a_set(pytester, RIGHT, WRONG, SILENT)
    result = run(pytester, "--rag-set", file, "--rag-min", "answer_contains=0.9", "-k", "q1 or bounds")
    result.assert_outcomes(passed=1, failed=1, deselected=2)
    result.stdout.fnmatch_lines(["answer_contains is 0.500, below 0.9"])


def test_a_baseline_is_a_bound(pytester: pytest.Pytester, asked: ScriptedEngine, corpus: Path, index_dir: Path) -> None:
    cases = [{**RIGHT, "id": f"q{number}"} for number in range(8)]
    file, baseline = a_set(pytester, *cases), pytester.path / "baseline.json"
    write_baseline(evaluate(facade.RAG(Settings()), file), baseline)
    run(pytester, "--rag-set", file, "--rag-baseline", baseline).assert_outcomes(passed=9)
    asked.confirms = False
    worse = a_set(pytester, *({**case, "history": [["Was ist neu?", "Chips."]]} for case in cases))
    result = run(pytester, "--rag-set", worse, "--rag-baseline", baseline, "--rag-tolerate")
    result.assert_outcomes(xfailed=8, failed=1)
    result.stdout.fnmatch_lines(["answer_contains fell behind the baseline: 1.000 before, 0.000 now*"])


def test_since_an_earlier_run_the_model_is_asked_only_what_changed(
    pytester: pytest.Pytester, asked: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, earlier = a_set(pytester, RIGHT, SILENT), pytester.path / "earlier.json"
    write_baseline(evaluate(facade.RAG(Settings()), file), earlier)
    monkeypatch.setenv("RAG_MODEL_CACHE", str(pytester.path / "other"))
    asked.asked.clear()
    bounds = ["--rag-max", "total_ms_p95=1", "--rag-min", "answer_contains=1"]
    result = run(pytester, "--rag-set", file, "--rag-since", earlier, *bounds)
    result.assert_outcomes(passed=3)
    assert asked.asked == []
    result.stdout.fnmatch_lines(["not measured, so its bound is not checked: total_ms_p95"])


@pytest.mark.parametrize(
    ("chosen", "outcomes"),
    [
        (["-k", "q3"], {"passed": 1, "deselected": 2}),
        (["-k", "fact"], {"failed": 1, "deselected": 2}),  # the kind of a question is a keyword
        (["-x"], {"passed": 1, "failed": 1}),
    ],
)
def test_questions_are_chosen_as_other_tests_are(
    pytester: pytest.Pytester, asked: ScriptedEngine, chosen: list[str], outcomes: dict[str, int]
) -> None:
    run(pytester, "--rag-set", a_set(pytester, RIGHT, WRONG, SILENT), *chosen).assert_outcomes(**outcomes)


def test_one_question_by_its_id(pytester: pytest.Pytester, asked: ScriptedEngine) -> None:
    file = a_set(pytester, RIGHT, WRONG)
    run(pytester, "--rag-set", file, f"{file}::q1").assert_outcomes(passed=1)


def test_collecting_opens_no_articles_and_no_model(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(facade, "RAG", refused)
    result = run(pytester, "--rag-set", a_set(pytester, RIGHT, SILENT), "--collect-only", "-q")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["set.jsonl::q1", "set.jsonl::q3"])


def test_a_folder_is_a_set(pytester: pytest.Pytester, asked: ScriptedEngine) -> None:
    run(pytester, "--rag-set", beir(pytester.path / "beir")).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rag-set", "none.jsonl"], "none.jsonl"),
        (["--rag-set", "broken.jsonl"], "broken.jsonl:1"),
        (["--rag-set", "set.jsonl", "--rag-min", "nonsense=1"], "no metric 'nonsense'"),
        (["--rag-set", "set.jsonl", "--rag-baseline", "none.json"], "no file none.json"),
        (["--rag-set", "set.jsonl", "--rag-since", "none.json"], "no file none.json"),
        (["--rag-set", "set.jsonl", "--rag-tolerate"], "--rag-tolerate needs a bound"),
        (["--rag-min", "answer_contains=1"], "--rag-min needs --rag-set"),
        (["--rag-retrieval-only"], "--rag-retrieval-only needs --rag-set"),
    ],
)
def test_what_cannot_be_used_is_one_usage_line(pytester: pytest.Pytester, options: list[str], said: str) -> None:
    a_set(pytester, RIGHT)
    (pytester.path / "broken.jsonl").write_text('{"id": "q1"}\n', encoding="utf-8")
    result = run(pytester, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in result.stderr.lines if line.strip()]
    assert len(lines) == 1
    assert lines[0].startswith("ERROR: ")
    assert said in lines[0]


def test_a_source_that_is_not_in_the_index_ends_the_run(pytester: pytest.Pytester, asked: ScriptedEngine) -> None:
    file = a_set(pytester, RIGHT, {**RIGHT, "id": "q2", "sources": ["gone.md"]})
    result = run(pytester, "--rag-set", file)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "names the source 'gone.md'" in result.stdout.str() + result.stderr.str()


def test_without_the_option_nothing_heavy_is_imported() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import rag.evaluation.pytest_plugin\n"
        "print(*sorted(name for name in set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} == {"rag"}
    assert set(done.stdout.split()) == {"rag", "rag.evaluation", "rag.evaluation.pytest_plugin"}


def test_the_wheel_names_the_plugin() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (module,) = project["entry-points"]["pytest11"].values()
    assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.models
def test_our_own_questions(tmp_path: Path, articles: facade.RAG) -> None:
    lines = (ROOT / "corpus" / "questions.jsonl").read_text("utf-8").splitlines(keepends=True)
    few = tmp_path / "few.jsonl"
    unanswerable = next(line for line in lines if '"answerable": false' in line)
    few.write_text(lines[0] + unanswerable, "utf-8")
    index = articles.settings.index
    arguments = ["--rag-set", few, "--rag-corpus", ROOT / "corpus", "--rag-index", index, "--rag-tolerate"]
    bounds = ["--rag-min", "answer_contains=0.5", "--rag-max", "false_answer_rate=0"]
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-q", *map(str, arguments), *bounds]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout or "2 passed, 1 xfailed" in done.stdout
