"""
Tell by its form whether a request for a summary means one article, or a subject that several may speak of.

"Fasse den Bericht über die Brücke zusammen" means an article, "Gib mir einen Überblick über die Brücke" a subject. A
logistic regression over the form of the question (`rag.kinds.form`) was trained on such requests (`training.forms.extent`).
"""

from __future__ import annotations

from functools import cache

from rag.kinds.form import FormRegression, load

WEIGHTS = "extent.npz"
LEAST = 0.5  # probability from which on an article is meant


def means_one_article(question: str) -> bool:
    """
    Tell whether a request for a summary means one article.

    Examples
    --------
    >>> means_one_article("Worum geht es im Artikel über den Hafen?"), means_one_article("Was weiß man über den Hafen?")
    (True, False)

    """
    return installed().probability(question) >= LEAST


@cache
def installed() -> FormRegression:
    """Return the weights that come with the package."""
    return load("rag.composing", WEIGHTS)
