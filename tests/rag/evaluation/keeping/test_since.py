"""A run that reuses the model's output equals one that asks every question again, whatever changed in between."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import prompts
from rag.evaluation import DatasetError, Evaluation, Question, evaluate, write_baseline
from rag.evaluation import fingerprints as prints
from rag.evaluation.keeping.remembering import RememberingEngine, RememberingReader
from rag.evaluation.keeping.since import replies_of
from rag.grounding.state_reader import StateReading
from rag.inference import Message, adapting
from rag.inference.protocol import Rewriting
from rag.types import EvidenceSentence
from tests.rag.building import build, synced
from tests.rag.fakes import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag import RAG

NAMES = ["Albers", "Berger", "Cordes", "Dahlke", "Ehlers", "Fendt", "Grothe", "Hansen"]
LAST = ["ach", "auer", "baum", "berger", "eck", "hof", "holm", "mann", "stein", "wald"]
THINGS = ["Brücken", "Fahrräder", "Kühlschränke", "Lampen", "Orgeln", "Segelboote", "Uhren", "Zelte"]


CONFIRM = prompts.confirm


def chance(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0]


def says(page: str) -> Sequence[str]:
    """Return a sentence of the page, chosen by a hash of the whole page."""
    sentences = re.findall(r"Die Firma [^.]*\.", page) or ["Nichts."]
    chosen = sentences[chance(page) % len(sentences)]
    return chosen[:9], chosen[9:]


def engine() -> ScriptedEngine:
    return ScriptedEngine(says=says, confirms=lambda page: chance(page) % 4 > 0)


def article(name: str, number: int) -> str:
    thing = THINGS[number % len(THINGS)]
    return (
        f"# Die Firma {name}\n\nDie Firma {name} baut {number} {thing} im Jahr. Sie sitzt in Kiel. "
        f"Die Firma {name} verkauft ihre {thing} für {number + 3} Euro.\n"
    )


def questions(asked: Sequence[tuple[int, int]]) -> list[Question]:
    forms = ["Wie viele {t} baut die Firma {n} im Jahr?", "Fasse die Artikel zusammen.", "Welche Firmen bauen {t}?"]
    forms += ["Was kosten die {t} der Firma {n}, und wo sitzt die Firma {n}?", "Vergleiche {n} und Hansen."]
    return [
        Question(
            f"q{place}", forms[form % len(forms)].format(n=NAMES[name], t=THINGS[name]), answers=(f"{name + 3} Euro",)
        )
        for place, (form, name) in enumerate(asked)
    ]


def same(result: Evaluation) -> str:
    data: dict[str, Any] = result.to_json()
    for part in ("metrics", "confidence"):
        data[part] = {name: value for name, value in data[part].items() if "_ms_" not in name}
    for question in data["questions"]:
        question.pop("timings")
    return json.dumps(data, sort_keys=True)


def write(folder: Path, articles: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for name, text in articles.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str], list[Any], list[Any]]:
    """Draw articles and questions before and after changes: edited, added, removed, renamed."""
    chosen = draw(st.lists(st.sampled_from(NAMES), min_size=2, unique=True))
    before = {name.lower(): article(name, draw(st.integers(0, 30))) for name in chosen}
    after = dict(before)
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
        change, key = draw(st.sampled_from(["edit", "add a sentence", "remove", "rename"])), name.lower()
        if key not in after or change == "edit":
            after[key] = article(name, draw(st.integers(0, 30)))
        elif change == "add a sentence":
            after[key] += f"\nDie Firma {name} streicht alles an.\n"
        elif change == "rename":
            after[f"neu-{key}"] = after.pop(key)
        elif len(after) > 1:
            del after[key]
    cases = st.tuples(st.integers(0, 4), st.integers(0, len(NAMES) - 1))
    first = draw(st.lists(cases, min_size=1, max_size=5))
    then = list(first)
    for place, case in draw(st.lists(st.tuples(st.integers(0, 5), cases), max_size=2)):
        then[place : place + draw(st.integers(0, 1))] = [case]
    return before, after, first, then


def put(asked: ScriptedEngine) -> list[Any]:
    """Return what an engine read, without the warm-up, which it gets only if none of its output is kept."""
    return [one for one in asked.asked if "Warm?" not in one[-1].content]


@given(histories(), st.booleans())
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
def test_a_run_since_another_equals_one_that_asks_all_anew(
    history: tuple[dict[str, str], dict[str, str], list[Any], list[Any]], of_baseline: bool
) -> None:
    before, after, first, then = history
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)

        def run(cases: list[Any], cache: str, **options: Any) -> tuple[Evaluation, ScriptedEngine]:
            patch.setenv("RAG_MODEL_CACHE", str(folder / cache))
            asked = engine()
            return evaluate(synced(folder / "corpus", folder / "index", asked), questions(cases), **options), asked

        write(folder / "corpus", before)
        earlier, _ = run(first, "earlier")
        file = folder / "earlier.json"
        if of_baseline:
            write_baseline(earlier, file)
        else:
            file.write_text(json.dumps(earlier.to_json()), encoding="utf-8")
        write(folder / "corpus", after)
        kept, asked = run(then, "since", since=file)
        anew, all_asked = run(then, "anew", fresh=True)
        assert same(kept) == same(anew)
        assert len(put(asked)) <= len(put(all_asked))
        if before == after and first == then:
            assert put(asked) == []
            assert asked.loads == 0 or not put(all_asked)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, RAG, ScriptedEngine]:
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "cache"))
    write(tmp_path / "corpus", {name.lower(): article(name, number) for number, name in enumerate(NAMES)})
    asked = engine()
    rag = synced(tmp_path / "corpus", tmp_path / "index", asked)
    file = tmp_path / "earlier.json"
    write_baseline(evaluate(rag, questions([(0, name) for name in range(8)])), file)
    asked.asked.clear()
    return file, rag, asked


def test_an_edit_of_one_article_asks_of_that_one(
    made: tuple[Path, RAG, ScriptedEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, rag, asked = made
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "other"))
    (tmp_path / "corpus" / "cordes.md").write_text(article("Cordes", 29), encoding="utf-8")
    rag.sync()
    result = evaluate(rag, questions([(0, name) for name in range(8)]), since=file)
    anew = [one for one in result.outcomes if one.basis is not None and not one.basis.trace.kept]
    assert 0 < len(anew) < 8
    assert result.kept == 8 - len(anew)
    assert asked.asked
    timed = [one for one in result.outcomes if "total_ms" in one.samples]
    assert len(timed) == len(anew) - 1  # without the kept ones and the first one, which loads the model


def test_where_nothing_changed_the_model_is_not_loaded_and_no_time_is_measured(
    made: tuple[Path, RAG, ScriptedEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, rag, asked = made
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "other"))
    asked.loads = 0
    result = evaluate(rag, questions([(0, name) for name in range(8)]), since=file)
    assert (result.kept, asked.asked, asked.loads) == (8, [], 0)
    assert result.metrics["total_ms_p50"] is None


@pytest.mark.parametrize("what", ["model", "machine", "prompt"])
def test_what_an_answer_depends_on_is_asked_again(
    made: tuple[Path, RAG, ScriptedEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    file, rag, asked = made
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "other"))
    if what == "model":
        asked.fingerprint = "another"  # type: ignore[misc]
    elif what == "machine":
        monkeypatch.setattr("rag.evaluation.runner.machine", lambda *_: {"instructions": "another"})
    else:
        monkeypatch.setattr("rag.prompts.confirm", lambda query: f"Anders: {CONFIRM(query)}")
    result = evaluate(rag, questions([(0, name) for name in range(8)]), since=file)
    assert result.kept == 0
    assert asked.asked


def test_a_stricter_gate_judges_the_kept_words_anew(
    made: tuple[Path, RAG, ScriptedEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _, _ = made
    monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / "other"))
    asked = engine()
    stricter = build(tmp_path / "corpus", tmp_path / "index", asked, strictness=1.0)
    kept = evaluate(stricter, questions([(0, name) for name in range(8)]), since=file)
    assert asked.asked == []
    assert same(kept) == same(evaluate(stricter, questions([(0, name) for name in range(8)]), fresh=True))


def test_a_model_that_goes_on_from_kept_words_is_brought_to_where_it_was() -> None:
    told: list[str] = []

    class Stateful(ScriptedEngine):
        def preferences(self, ending: str, options: Sequence[str]) -> tuple[float, ...]:
            told.append(ending)
            return (0.9, 0.1)

        def stream(self, ending: str, *, max_tokens: int) -> Any:
            yield "+".join([*told, ending])

    messages = [Message("user", "Seite.")]
    first = RememberingEngine(Stateful, {}, {})
    first.begin()
    with first.read(messages) as reading:
        reading.preferences("ja?", ["ja", "nein"])
        whole = list(reading.stream("was?", max_tokens=3))
    kept = {reply.key: reply for reply in first.trace().replies if reply.preferences is not None}
    told.clear()
    second = RememberingEngine(Stateful, {}, kept)
    second.begin()
    with second.read(messages) as reading:
        assert reading.preferences("ja?", ["ja", "nein"]) == (0.9, 0.1)
        assert told == []
        assert list(reading.stream("was?", max_tokens=3)) == whole
    assert not second.trace().kept
    assert not second.trace().timed


def test_words_that_were_broken_off_are_not_kept() -> None:
    remembering = RememberingEngine(lambda: ScriptedEngine("eins ", "zwei"), {}, {})
    remembering.begin()
    with remembering.read([Message("user", "Seite.")]) as reading:
        pieces = reading.stream("was?", max_tokens=3)
        assert next(pieces) == "eins "
        pieces.close()
    assert remembering.trace().replies == ()


def test_what_the_states_said_is_kept_with_the_sentences_that_were_read() -> None:
    class Reading:
        asked = 0

        def read(self, question: str, kind: str, sentences: Sequence[EvidenceSentence]) -> StateReading:
            Reading.asked += 1
            return StateReading(tuple(len(one.text) / 8 for one in sentences), 0.5)

    some = [EvidenceSentence("a.md", 0, 5, "Eins.", "A", 0.5), EvidenceSentence("a.md", 6, 11, "Zwei!", "A", 0.4)]
    first = RememberingEngine(lambda: ScriptedEngine("x"), {}, {})
    first.begin()
    said = RememberingReader(Reading(), first).read("Was?", "list", some)
    kept = {reply.key: reply for reply in first.trace().replies}
    second = RememberingEngine(lambda: ScriptedEngine("x"), {}, kept)
    second.begin()
    remembering = RememberingReader(Reading(), second)
    assert remembering.read("Was?", "list", some) == said
    assert Reading.asked == 1
    assert second.trace().kept
    assert remembering.read("Was?", "list", some[:1]) != said
    assert remembering.read("Was?", "comparison", some) == said
    assert Reading.asked == 3


@pytest.mark.parametrize("text", ["{}", "[]", '{"questions": [{"basis": {"replies": [{"key": "a"}]}}]}'])
def test_other_files_are_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match="other.json is not an evaluation"):
        replies_of(file)
    with pytest.raises(DatasetError, match="no file"):
        replies_of(tmp_path / "none.json")


def test_a_run_of_an_older_version_keeps_nothing(tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    file.write_text('{"questions": [{"id": "1", "shares": {}}]}', encoding="utf-8")
    assert replies_of(file) == {}


def test_the_machine_is_told_by_what_changes_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    here = prints.machine("model@1+openvino")
    assert set(here) == set(prints.MACHINE)
    assert here["runtime"].startswith("openvino-genai 2")
    assert here["precision"] in {"f32", "bf16", "f16", "unknown"}
    prints.instructions.cache_clear()
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert prints.instructions() == f"{here['instructions']} ONEDNN_MAX_CPU_ISA=AVX2"
    prints.instructions.cache_clear()


def test_one_changed_article_of_fifty_costs_a_tenth_of_the_readings_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"{first}{last}" for first in ("Alt", "Berg", "Feld", "Linden", "Rosen") for last in LAST]

    def own(name: str, price: int) -> str:
        return f"# {name}\n\nDie Firma {name} baut {name}lampen. {name}lampen kosten {price} Euro bei {name}.\n"

    write(tmp_path / "corpus", {name.lower(): own(name, number) for number, name in enumerate(people)})
    asked = [Question(f"q{name}", f"Wie viel Euro kosten {name}lampen bei {name}?", ("3",)) for name in people]
    file = tmp_path / "earlier.json"

    def run(cache: str, **options: Any) -> tuple[Evaluation, int]:
        monkeypatch.setenv("RAG_MODEL_CACHE", str(tmp_path / cache))
        model = engine()
        return evaluate(synced(tmp_path / "corpus", tmp_path / "index", model), asked, **options), len(model.asked)

    write_baseline(run("earlier")[0], file)
    (tmp_path / "corpus" / "feldmann.md").write_text(own("Feldmann", 77), encoding="utf-8")
    kept, readings = run("since", since=file)
    anew, all_readings = run("anew", fresh=True)
    assert same(kept) == same(anew)
    assert 0 < 10 * readings <= all_readings


def test_what_the_model_wrote_of_a_follow_up_is_kept_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Writing(ScriptedEngine):
        def rewritten(self, prompt: str, *, max_tokens: int) -> Rewriting | None:
            asked.append(prompt)
            return Rewriting("Warum baut er Uhren?", 0.7) if "Uhren" in prompt else None

    monkeypatch.setattr(adapting, "installed", lambda name: type("Layers", (), {"fingerprint": name})())
    first = RememberingEngine(Writing, {}, {})
    said = [first.rewritten(prompt, max_tokens=48) for prompt in ("Uhren? Warum?", "Warum?")]
    assert said == [Rewriting("Warum baut er Uhren?", 0.7), None]
    trace = first.trace()
    assert (len(trace.replies), trace.kept) == (2, False)
    second = RememberingEngine(Writing, {}, {reply.key: reply for reply in trace.replies})
    assert [second.rewritten(prompt, max_tokens=48) for prompt in ("Uhren? Warum?", "Warum?")] == said
    assert second.trace().kept
    assert len(asked) == 2
    assert second.rewritten("Uhren? Warum?", max_tokens=9) == said[0]  # another bound makes it another question
    assert len(asked) == 3
    assert RememberingEngine(lambda: ScriptedEngine("x"), {}, {}).rewritten("Warum?", max_tokens=48) is None
