from __future__ import annotations

import unicodedata

import pytest

from rag.grounding.pointing import points_back


@pytest.mark.parametrize(
    "text",
    [
        "Im Jahr 2023 verdiente das Unternehmen vier Millionen Euro.",
        "Im selben Jahr zog sie nach Husum.",
        "Darauf verlor der Ort den Bahnhof.",
        "Solche Anlagen baut nur ein Betrieb.",
        "Zwei Jahre später schloss die Werft.",
        "Dafür gab es 90 Euro.",
        "Drei weitere Boote liegen im Hafen.",
        "Orbix verdoppelt damit den Umsatz.",
        "Zusammen mit Winzern, die am Hang wohnen, pflegen diese Vereine die Wege.",
    ],
)
def test_a_sentence_points_back_in_either_unicode_form(text: str) -> None:
    assert points_back(text)
    assert points_back(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    "text",
    [
        "Das Fest ist lange her, sagt der Wirt.",
        "In diesem Sommer bleibt das Bad in Husum zu.",
        "Diesen Montag öffnet das Bad in Husum.",
        "Es kamen 300 Gäste nach Husum.",
        "Ingenieure aus Husum arbeiten daran, den Akku zu verbessern.",
        "It is likely that Orbix moves to Leeds.",
        "Das Unternehmen Orbix verdiente vier Millionen Euro.",
        "Damit Orbix liefern kann, fehlen zwei Boote.",
        "Orbix senkt die Preise und damit den Umsatz.",
        "Orbix, das in Husum Boote baut, zeigt seine Halle.",
        "Die Werft, die in Husum Boote baut, rechnet damit, dass der Umsatz steigt.",
        "Das Bad in Husum bleibt bis auf Weiteres geschlossen.",
        "Ohne Weiteres lässt sich das Bad in Husum nicht öffnen.",
        "Der Ruderclub, der das Boot des Segelclubs pflegt, verkauft ihm Segel.",
    ],
)
def test_a_sentence_that_means_nothing_before_it_does_not(text: str) -> None:
    assert not points_back(text)
