from __future__ import annotations

import pytest

from index.text.language import detect, is_latin


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie viel Geld will Cambricon aufnehmen?", "de"),
        ("How much money does Cambricon want to raise?", "en"),
        ("Wer liefert den Ascend 910C?", "de"),
        ("When was it?", "en"),
        ("What is Müller's plan?", "en"),  # a letter in a name does not show the language
        ("Does Käthi Luchsinger have to give up her farm?", "en"),
        ("Müllers Plan?", "de"),
        ("Der Käse is lecker", "de"),  # as many words of both: the letter decides
        ("Ascend 910C", "de"),
        ("", "de"),
        ("The chip was delivered by SMIC.", "en"),
    ],
)
def test_detect(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Größe und Maß", True),
        ("华为的芯片是什么?", False),
        ("Кто это?", False),
        ("42?", True),
        ("Was ist 华为?", True),
    ],
)
def test_is_latin(text: str, latin: bool) -> None:
    assert is_latin(text) is latin
