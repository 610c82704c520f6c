"""`rag calibrate` and its result: a strictness that holds, is used, and is ignored after a change."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rag import client as facade
from rag.calibrating.choosing import Case
from rag.calibrating.keeping import place_of
from rag.calibrating.types import CalibrationError
from rag.cli import doctor
from rag.cli import main as cli
from rag.evaluation.calibrating import calibrate, cases_of
from rag.evaluation.traces import Admission, Basis, Trace
from rag.evaluation.types import CheckedCitation, Evaluation, Outcome
from rag.pipeline.gates import OpenGate
from rag.settings import Settings
from tests.rag.evaluation.companies import ABSENT, NAMES, Looking, case, open_rag, questions
from tests.rag.evaluation.sets import beir, qa, squad, write
from tests.rag.fakes import HashingEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rag import RAG

ASKED = "Wie viele Leute hat die Firma Adler?"
DOUBTFUL = "Wie viele Leute hat die Firma Wolf?"
DEFAULT = Settings().answering.strictness
Run = tuple[int, str, str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RAG_STRICTNESS", raising=False)
    return tmp_path


@pytest.fixture
def rag(folder: Path, monkeypatch: pytest.MonkeyPatch) -> RAG:
    opened, real = open_rag(folder), facade.RAG

    def made(settings: Settings, **given: Any) -> RAG:
        kept = Settings(
            corpus=folder / "articles", index=folder / "index", **settings.answering.model_dump(exclude_unset=True)
        )
        return real(kept, **({"embedder": HashingEmbedder(), "engine": Looking()} | given))

    monkeypatch.setattr(facade, "RAG", made)
    return opened


@pytest.fixture
def shell(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    monkeypatch.setenv("RAG_SERVE", "off")
    monkeypatch.setenv("RAG_INDEX", str(folder / "index"))
    monkeypatch.setenv("COLUMNS", "300")

    def run(*words: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["rag", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return (ended.value.code if isinstance(ended.value.code, int) else 0), said.out, said.err

    return run


def refused(run: Run) -> str:
    code, out, err = run
    lines = [line for line in err.splitlines() if line.startswith("error")]
    assert code == 2
    assert out == ""
    assert len(lines) == 1
    return lines[0]


def test_what_is_chosen_is_kept_said_and_used(folder: Path, rag: RAG, shell: Callable[..., Run]) -> None:
    assert rag.ask(DOUBTFUL, strictness=0.0).abstained is False
    code, out, _ = shell("calibrate", questions(folder / "mine.jsonl"), "--risk", "0.3")
    assert code == 0
    assert "at most 30 are given though the articles hold none, with 95 % confidence" in out
    assert "0 of 12 answers to its 16 questions" in out
    kept = json.loads(place_of(rag.settings).read_text("utf-8"))
    assert kept["set"] == "mine.jsonl"
    assert kept["fingerprints"].keys() == {"index", "embedding", "llm", "prompt", "settings", "code"}
    standing = rag.calibration()
    assert (standing.state, standing.strictness) == ("holds", kept["strictness"])
    assert kept["strictness"] != DEFAULT
    assert rag.told()["strictness"] == str(kept["strictness"])
    assert "calibration" in rag.fingerprints
    assert rag.ask(ASKED).abstained is False
    assert rag.ask(DOUBTFUL).abstained is True


def test_the_strictness_of_the_calibration_decides(folder: Path, rag: RAG) -> None:
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    file = place_of(rag.settings)
    kept = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(kept | {"strictness": 0.0}), encoding="utf-8")
    assert rag.ask(DOUBTFUL).abstained is False
    assert rag.ask(DOUBTFUL, strictness=0.5).abstained is True
    assert open_rag(folder, strictness=0.5).ask(DOUBTFUL).abstained is True


def test_a_named_collection_has_a_bound_of_its_own(folder: Path) -> None:
    rag = open_rag(folder)
    rag.sync(collection="firms", corpus=folder / "articles")
    own = rag.of_collection("firms")
    calibrate(own, questions(folder / "mine.jsonl"), risk=0.3)
    assert (rag.calibration().state, rag.calibration("firms").state) == ("none", "holds")
    file = place_of(own.settings)
    kept = json.loads(file.read_text("utf-8"))
    assert kept["strictness"] != DEFAULT
    file.write_text(json.dumps(kept | {"strictness": 0.0}), encoding="utf-8")
    assert rag.ask(DOUBTFUL, filter={"collection": "firms"}).abstained is False
    assert rag.ask(DOUBTFUL).abstained is True
    assert rag.ask(DOUBTFUL, filter={"collection": "firms,articles"}).abstained is True
    assert {one.path for one in rag.ask(ASKED, filter={"collection": "firms"}).citations} == {
        ".collections/firms/adler.md"
    }
    (folder / "articles" / "neu.md").write_text("# Neu\n\nDie Firma Uhu hat 90 Leute.\n", encoding="utf-8")
    rag.sync(collection="firms")
    assert rag.calibration("firms").state == "changed"
    rag.remove_collection("firms")
    assert not file.exists()


def test_the_shell_prints_one_document(folder: Path, rag: RAG, shell: Callable[..., Run]) -> None:
    code, out, _ = shell(
        "calibrate", questions(folder / "mine.jsonl"), "--risk", "0.3", "--on", "wrong_citations", "--json"
    )
    data = json.loads(out)
    assert code == 0
    assert (data["on"], data["questions"], data["answered"], data["wrong"]) == ("wrong_citations", 16, 12, 0)
    assert data["bound"] <= 0.3
    assert [level["strictness"] for level in data["levels"]][:2] == [1.0, 0.95]
    code, out, _ = shell("calibrate", "--json")
    assert (code, json.loads(out)["state"]) == (0, "holds")


def test_an_answer_whose_citation_is_wrong_counts_on_wrong_citations_alone(folder: Path, rag: RAG) -> None:
    other = [case(name) for name in (*NAMES, *ABSENT)]
    for one, astray in zip(other[:6], other[6:12], strict=True):
        one["sources"], one["gold_quotes"] = astray["sources"], astray["gold_quotes"]
    file = write(folder / "mine.jsonl", *other)
    assert calibrate(rag, file, risk=0.3).calibration.wrong == 0
    with pytest.raises(
        CalibrationError, match="No strictness holds a risk of 0.3 on mine.jsonl: at strictness 1 6 of 12"
    ):
        calibrate(rag, file, risk=0.3, on="wrong_citations")


def test_forgetting_brings_the_general_default_back(folder: Path, rag: RAG, shell: Callable[..., Run]) -> None:
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    assert shell("calibrate", "--forget")[0] == 0
    assert not place_of(rag.settings).exists()
    assert (rag.calibration().state, rag.calibration().strictness) == ("none", DEFAULT)
    code, out, err = shell("calibrate", "--forget")
    assert (code, out) == (0, "")
    assert "no calibration" in err
    assert "none has been measured" in shell("calibrate")[1]


def test_where_the_index_changed_it_is_said_and_the_general_default_used(
    folder: Path, rag: RAG, shell: Callable[..., Run]
) -> None:
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    (folder / "articles" / "neu.md").write_text("# Neu\n\nDie Firma Zebra hat 99 Leute.\n", encoding="utf-8")
    rag.sync()
    assert (rag.calibration().state, rag.calibration().strictness) == ("changed", DEFAULT)
    assert "calibration" not in rag.fingerprints
    assert "the index changed since" in refused(shell("calibrate"))
    code, out, err = shell("ask", ASKED)
    assert code == 0
    assert "20 Leute" in out
    assert [line for line in err.splitlines() if "no longer holds: the index changed since then" in line]


def test_another_model_or_setting_is_no_fit(folder: Path, rag: RAG) -> None:
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    other = Looking()
    other.fingerprint = "other"
    assert open_rag(folder, other).calibration().what == "the language model"
    assert open_rag(folder, passages=3).calibration().what == "a setting"
    assert open_rag(folder, strictness=0.7).calibration().state == "set"


def test_a_damaged_file_is_said_and_the_general_default_used(folder: Path, rag: RAG, shell: Callable[..., Run]) -> None:
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    file = place_of(rag.settings)
    whole = file.read_text("utf-8")
    kept = json.loads(whole)
    for text in (
        "",
        "[]",
        whole[:-20],
        json.dumps(kept | {"strictness": 7}),
        json.dumps(kept | {"bound": 0.9}),
        "x" * 200_000,
    ):
        file.write_text(text, encoding="utf-8")
        assert rag.calibration().state == "damaged"
        assert rag.calibration().strictness == DEFAULT
    assert "No bound holds" in refused(shell("calibrate"))
    code, _, err = shell("ask", ASKED)
    assert code == 0
    assert "No bound holds" in err
    calibrate(rag, folder / "mine.jsonl", risk=0.3)
    assert rag.calibration().state == "holds"


def test_doctor_says_what_holds(folder: Path, rag: RAG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "resolve_embedding", lambda *_, **__: None)
    monkeypatch.setattr(doctor, "create_embedder", lambda *_: HashingEmbedder())
    monkeypatch.setattr(doctor, "language_model", lambda *_, **__: None)
    monkeypatch.setattr(doctor, "create_engine", lambda *_: Looking())
    monkeypatch.setattr(doctor, "_models", lambda _: [])

    def said() -> tuple[str, str]:
        (found,) = (one for one in doctor.examine(rag.settings) if one.subject == "bound on wrong answers")
        assert "\n" not in found.message
        return found.level, found.message

    rag.sync()
    assert said()[0] == "fine"
    assert "none has been measured" in said()[1]
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    assert said()[0] == "fine"
    assert "at most 30 are given though the articles hold none" in said()[1]
    other = Looking()
    other.fingerprint = "other"
    monkeypatch.setattr(doctor, "create_engine", lambda *_: other)
    assert said()[0] == "note"
    assert "the language model changed since" in said()[1]
    place_of(rag.settings).write_text("{", encoding="utf-8")
    assert said()[0] == "note"


@pytest.mark.parametrize("risk", ["0", "1", "2", "-0.1", "nan"])
def test_a_risk_that_is_none_is_refused(folder: Path, rag: RAG, shell: Callable[..., Run], risk: str) -> None:
    said = refused(shell("calibrate", questions(folder / "mine.jsonl"), f"--risk={risk}"))
    assert "A risk cannot be" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Add --risk"),
        (("--risk", "0.1", "--confidence", "1"), "A confidence cannot be 1"),
        (("--risk", "0.1", "--on", "nonsense"), "no risk named 'nonsense'"),
        (("--risk", "0.1", "--forget"), "--forget measures nothing"),
    ],
)
def test_options_that_cannot_be_are_refused(
    folder: Path, rag: RAG, shell: Callable[..., Run], options: tuple[str, ...], said: str
) -> None:
    assert said in refused(shell("calibrate", questions(folder / "mine.jsonl"), *options))


def test_a_set_that_says_nothing_is_refused(folder: Path, rag: RAG, shell: Callable[..., Run]) -> None:
    passages = [{"id": "p1", "title": "Adler", "text": "Die Firma Adler hat 20 Leute."}]
    sets = {
        write(folder / "empty.jsonl"): "has no questions",
        questions(folder / "answerable.jsonl", NAMES): "no question that cannot be answered",
        questions(folder / "unanswerable.jsonl", ABSENT): "no question that can be answered",
        write(folder / "own.jsonl", case("Adler", passages=passages, sources=["p1"]), case("Wolf")): "passages",
        write(folder / "squad.json", json.dumps(squad(qa()))): "brings its own passages",
        beir(folder / "beir"): "brings its own passages",
        folder / "missing.jsonl": "missing.jsonl",
    }
    for file, said in sets.items():
        assert said in refused(shell("calibrate", file, "--risk", "0.3"))
    assert not place_of(rag.settings).exists()


def test_a_set_without_sources_says_nothing_about_citations(folder: Path, rag: RAG, shell: Callable[..., Run]) -> None:
    bare = [
        {key: value for key, value in case(name).items() if key not in {"sources", "gold_quotes"}} for name in NAMES
    ]
    file = write(folder / "bare.jsonl", *bare, case("Wolf"))
    assert "names no source" in refused(shell("calibrate", file, "--risk", "0.3", "--on", "wrong_citations"))
    assert shell("calibrate", file, "--risk", "0.3")[0] == 0


def test_too_small_a_set_is_refused_with_the_size_that_would_do_before_a_model_is_asked(
    folder: Path, rag: RAG, shell: Callable[..., Run]
) -> None:
    said = refused(shell("calibrate", questions(folder / "mine.jsonl"), "--risk", "0.1"))
    assert "takes 29 answers at least" in said
    assert "16 questions" in said
    sixteen = questions(folder / "mine.jsonl")
    said = refused(shell("calibrate", sixteen, "--risk", "0.2"))
    assert "too small for a risk of 0.2" in said
    assert int(said.partition("About ")[2].partition(" ")[0]) > 16
    assert not place_of(rag.settings).exists()


def test_an_index_that_changes_meanwhile_is_not_calibrated(folder: Path, rag: RAG) -> None:
    class Changing(Looking):
        """Adds an article while it is asked."""

        def stream(self, ending: str, *, max_tokens: int) -> Any:
            (folder / "articles" / "neu.md").write_text("# Neu\n\nDie Firma Zebra hat 99 Leute.\n", encoding="utf-8")
            open_rag(folder).sync()
            return super().stream(ending, max_tokens=max_tokens)

    changing = open_rag(folder, Changing())
    with pytest.raises(CalibrationError, match="The index changed while the set was asked"):
        calibrate(changing, questions(folder / "mine.jsonl"), risk=0.3)
    assert not place_of(rag.settings).exists()


def test_a_gate_that_gives_no_probability_cannot_be_calibrated_and_gives_no_confidence(folder: Path) -> None:
    other = open_rag(folder, stages={"gate": OpenGate()})
    assert other.ask(ASKED).confidence is None
    with pytest.raises(CalibrationError, match="gives no probability"):
        calibrate(other, questions(folder / "mine.jsonl"), risk=0.3)


def test_what_was_not_measured_is_asked_with_the_general_default(folder: Path, rag: RAG, tmp_path: Path) -> None:
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    file = place_of(rag.settings)
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"strictness": 0.0}), encoding="utf-8")
    rag.uploads.add("eigen.md", b"# Eigen\n\nDie Firma Zebra hat 99 Leute.\n")
    assert rag.ask(DOUBTFUL).abstained is False
    assert rag.ask(DOUBTFUL, filter={"collection": "uploads"}).abstained is True
    assert rag.ask(DOUBTFUL, filter={"collection": "all"}).abstained is True
    shutil.copytree(rag.settings.corpus, tmp_path / "copy")  # with the same content
    rag.sync(collection="copy", corpus=tmp_path / "copy")
    for collection in ("copy", "articles,copy"):
        assert rag.ask(DOUBTFUL, filter={"collection": collection}).abstained is True
    assert rag.ask(DOUBTFUL, filter={"collection": "articles"}).abstained is False


def test_of_several_parts_the_likeliest_decides_and_each_citation_must_be_right() -> None:
    def asked(
        *gates: tuple[float, float], right: tuple[bool, ...] = (True,), answerable: bool = True, sure: int = 0
    ) -> Case:
        admissions = tuple(Admission(chance, 0.0, admitted=True, share=share) for chance, share in gates)
        trace = Trace(gates=admissions, sure=sure)
        cited = tuple(CheckedCitation("a.md", 0, 1, "a", one) for one in right)
        outcome = Outcome("1", "?", answerable, citations=cited, basis=Basis("", "", trace=trace))
        (case,) = cases_of(Evaluation("s", "native", 1, {}, {}, {}, {}, (outcome,)), "wrong_citations")
        return case

    assert asked((0.9, 1.0), (0.4, 0.5), right=(False, True)) == Case(0.4, wrong=False)
    assert asked((0.9, 1.0), (0.4, 0.5), right=(False, False)) == Case(0.4, wrong=True)
    assert asked((0.9, 1.0), (0.4, 0.5), (0.8, 1.0), (0.7, 0.9), right=(False, True)) == Case(0.7, wrong=True)
    assert asked((0.5, 1.0), (0.9, 1.0), (0.6, 0.5)) == Case(0.6, wrong=False)  # the first part is found nowhere
    assert asked((0.8, 1.0)) == Case(0.8, wrong=False)  # composed of several sentences
    assert asked() == Case(1.0, wrong=False)  # no gate was asked
    assert asked((0.9, 1.0), (0.9, 1.0), answerable=False) == Case(0.9, wrong=True)
    # An answer of the small reader is shown at every strictness, whatever the gate said about another part.
    assert asked((0.05, 1.0), answerable=False, sure=1) == Case(1.0, wrong=True)
    assert asked(right=(True, False), sure=2) == Case(1.0, wrong=True)
    assert asked(right=(True,), sure=1) == Case(1.0, wrong=False)


def test_what_the_set_measured_makes_the_confidence(folder: Path, rag: RAG) -> None:
    plain = rag.ask(ASKED)
    assert plain.confidence is not None
    assert 0 < plain.confidence < 1
    assert rag.ask("Hallo!").confidence is None
    assert rag.ask(DOUBTFUL).confidence is None
    calibrate(rag, questions(folder / "mine.jsonl"), risk=0.3)
    file = place_of(rag.settings)
    kept = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(kept | {"slope": 2.0, "offset": -1.0}), encoding="utf-8")
    scaled = rag.ask(ASKED).confidence
    assert scaled is not None
    assert scaled != plain.confidence
    assert rag.ask(ASKED).to_json()["confidence"] == round(scaled, 4)
