"""The patterns of `index.segmenting.cleaning`; the lists in `index.text.locale` explain them."""

from __future__ import annotations

import re

from index.text import locale

_MACRO = re.compile(r"<(\w+)>")
STRETCHES = ("jobs", "newsletter", "comments", "related", "consent")


def _source(section: str) -> str:
    return _MACRO.sub(lambda name: _source(name.group(1)), locale.alternatives(f"pages.{section}"))


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


NOTICE = _pattern(_source("notice"))
SECTION = _pattern("|".join(f"(?P<{kind}>{_source(kind)})" for kind in STRETCHES))
SHARE = _pattern(_source("share"))
JOB = _pattern(_source("job"))
VOCABULARY = _pattern(_source("vocabulary"))
STRONG = _pattern(_source("strong"))
PROMO = _pattern(_source("promo"))

# Words with which a page, or a visitor's comment, refers to itself or addresses the reader.
ADDRESS = re.compile(locale.alternatives("pages.address"))
QUOTED = re.compile(r"„[^“”\"]{0,600}[“”\"]|»[^«]{0,600}«|«[^»]{0,600}»|“[^”]{0,600}”|\"[^\"]{0,600}\"")
