"""Lists of people: which sentences name a person and say what that person is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.composing.persons import asks_for_persons, persons_in
from tests.rag.building import synced

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Oberbürgermeisterin Aylin Tas wirbt für die Brücke.", ["Aylin Tas"]),
        ("Das sagt US-Präsident Donald Trump.", ["Donald Trump"]),
        ("Ihr Verkehrsexperte Jens Pohl verweist auf den Stau.", ["Jens Pohl"]),
        ("Chefin wird Dr. Hannah Brück, bisher Leiterin.", ["Hannah Brück"]),
        ("Martin Lau, der Präsident von Tencent, hebt das hervor.", ["Martin Lau"]),
        ("Anna Prosch, Leiterin der Bergwacht, warnt vor Lawinen.", ["Anna Prosch"]),
        ("Es gewann Nils Overbeck, Vize-Direktor vom Zoo.", ["Nils Overbeck"]),
        ("It was Jane Doe, head of Acme, who said so.", ["Jane Doe"]),
        ("Es spielte Kapellmeister Jan Arp.", ["Jan Arp"]),  # "Jan" is short for a month, too
        ("Den Wagen baute Erfinder August Horch.", ["August Horch"]),
        ("Die Lieferung Ende August kam nie an.", []),
        ("Beteiligt sind Moore Threads, Biren und Enflame.", []),
        ("Das sagt Anna Prosch, CEO von Acme.", ["Anna Prosch"]),
        ("In Bad Segeberg, Stadt im Norden, wird gespielt.", []),
        ("Die Deutsche Bahn, Betreiberin der Strecke, schweigt.", []),
        ("Es gab Rote Grütze, Kuchen von Oma und Eis.", []),
        ("Moore Threads, Hersteller von Grafikkarten, ist dabei.", []),
        ("Es sprach Marit Engel, Vorsitzende des Vereins.", ["Marit Engel"]),
        ("In New York, center of finance, it rained.", []),
        ("In New York, one of the largest cities, it rained.", []),
        ("He lives in Los Angeles, home of the Lakers.", []),
        ("Mayor John Smith met Jane Doe, the head of Acme.", ["John Smith", "Jane Doe"]),
        ("Schauplatz war die World Artificial Intelligence Conference in Shanghai.", []),
        ("Das Land zahlt 5,2 Millionen Euro, der Verband leitet die Arbeiten.", []),
        ("Sein Betreiber, die Norag, schaltet es Ende 2027 ab.", []),
        ("Der Termin war Anfang Oktober, der Preis stieg.", []),
        ("Die Stadtregierung von Peking will autark werden.", []),
    ],
)
def test_a_name_counts_beside_what_somebody_is(text: str, names: list[str]) -> None:
    assert persons_in(text) == names


def test_whoever_they_are_is_told_from_those_of_one_trade() -> None:
    assert asks_for_persons("Welche Personen werden genannt?")
    assert asks_for_persons("Which people are mentioned?")
    assert not asks_for_persons("Welche Bürgermeister werden genannt?")
    assert not asks_for_persons("Wie viele Einwohner hat Talheim?")


def test_a_list_of_people_has_each_once_from_every_article(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "hafen.md").write_text(
        "# Der Hafen\n\nBürgermeisterin Silke Rood eröffnet den neuen Hafen am See. "
        "Am Kai liegen heute siebzehn große Schiffe. Silke Rood freut sich über jedes davon.\n",
        encoding="utf-8",
    )
    (folder / "werft.md").write_text(
        "# Die Werft\n\nDie Werft baut Fähren aus Stahl. Otto Brand, der Chef der Werft, sucht dreißig Schlosser.\n",
        encoding="utf-8",
    )
    answer = synced(folder, tmp_path / "index", "niemand").ask("Welche Personen werden genannt?", kind="list")
    assert {one.text for one in answer.sentences} == {
        "Bürgermeisterin Silke Rood eröffnet den neuen Hafen am See.",
        "Otto Brand, der Chef der Werft, sucht dreißig Schlosser.",
    }
    assert answer.searched == (2, 2)


def test_people_of_what_is_spoken_of_are_those_of_its_articles(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "hafen.md").write_text(
        "# Der Hafen\n\nBürgermeisterin Silke Rood eröffnet den neuen Hafen von Talheim am See.\n", encoding="utf-8"
    )
    (folder / "werft.md").write_text("# Stahl\n\nOtto Brand, der Chef, sucht dreißig Schlosser.\n", encoding="utf-8")
    made = synced(folder, tmp_path / "index", "niemand")
    answer = made.ask("Welche Personen eröffnen den neuen Hafen von Talheim?", kind="list")
    assert [one.path for one in answer.citations] == ["hafen.md"]
    assert answer.searched == (1, 2)
