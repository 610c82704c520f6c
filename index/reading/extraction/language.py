"""Whether a file speaks German or English: that decides how its figures and dates are written out."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+")
_MOST = 20_000  # characters that are looked at
# The most frequent words of running text, and what stands over columns.
_GERMAN = frozenset(
    "der die das und ist nicht ein eine den dem mit für auf von im zu des wird werden sind bei oder nach am als auch "
    "menge preis preise einzelpreis gesamtpreis summe datum umsatz jahr monat tag betrag anzahl ort nummer nr artikel "
    "bezeichnung kosten tabelle gesamt straße name stand quelle seite januar februar märz mai juni juli oktober dezember "
    "euro beschreibung bemerkung abteilung kunde lieferant mwst netto brutto stück ergebnis".split()
)
_ENGLISH = frozenset(
    "the and is not a an of to in for with on from by will are or at as also be has this that "
    "amount price prices unit total sum date revenue year month day quantity count place number no item sheet "
    "description cost costs street source page january february march may june july october december "
    "dollar notes department customer supplier vat net gross result budget".split()
)


def is_german(text: str) -> bool:
    """Tell whether a text is rather German than English; one that does not show it is German."""
    beginning = text[:_MOST]
    words = Counter(_WORD.findall(beginning.lower()))
    german = sum(count for word, count in words.items() if word in _GERMAN)
    german += sum(beginning.count(letter) for letter in "äöüß")
    return german >= sum(count for word, count in words.items() if word in _ENGLISH)
