"""The patterns of `index.segmenting.cleaning`; what each is for stands in ``boilerplate.txt``."""

from __future__ import annotations

import re

from index.text.word_lists import sections

_MACRO = re.compile(r"<(\w+)>")
STRETCHES = ("jobs", "newsletter", "comments", "related", "consent")


def _source(section: str) -> str:
    joined = "|".join(sections(__package__ or "index.segmenting", "boilerplate.txt")[section])
    return f"(?:{_MACRO.sub(lambda name: _source(name.group(1)), joined)})"


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


NOTICE = _pattern(_source("notice"))
SECTION = _pattern("|".join(f"(?P<{kind}>{_source(kind)})" for kind in STRETCHES))
SHARE = _pattern(_source("share"))
JOB = _pattern(_source("job"))
VOCABULARY = _pattern(_source("vocabulary"))
STRONG = _pattern(_source("strong"))
PROMO = _pattern(_source("promo"))

# Words with which a page, or a visitor who comments, speaks of itself or to the reader.
ADDRESS = re.compile(
    r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w{0,2}|[Ii]hr habt|[Ii]ch|[Mm]ich|[Mm]ir|[Mm]eine\w?)\b"
    r"|\b(?:[Ww]ir|[Uu]ns|[Uu]nser\w{0,2})\b"
    r"|(?<=[a-zäöüß,] )(?:Sie|Ihr|Ihre[nmrs]?|Ihnen)\b"
    r"|\b(?:[Yy]ou|[Yy]our|[Ww]e|[Oo]ur)\b"
)
QUOTED = re.compile(r"„[^“”\"]{0,600}[“”\"]|»[^«]{0,600}«|«[^»]{0,600}»|“[^”]{0,600}”|\"[^\"]{0,600}\"")
