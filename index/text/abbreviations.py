"""The word lists of the sentence splitter; what each is for stands in ``abbreviations.txt``."""

from __future__ import annotations

from index.text.word_lists import words

_FILE = (__package__ or "index.text", "abbreviations.txt")

ALWAYS_FOLLOWED = words(*_FILE, "always_followed")
SOMETIMES_FINAL = words(*_FILE, "sometimes_final")
OFTEN_FINAL = words(*_FILE, "often_final")
BEFORE_NUMBER = words(*_FILE, "before_number")
ORDINAL_NOUNS = words(*_FILE, "ordinal_nouns")
ORDINAL_LEAD = words(*_FILE, "ordinal_lead")
STARTERS = words(*_FILE, "starters")
