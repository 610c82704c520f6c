"""Split a text into sentences as exact spans, with the word lists of `index.text.locale`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text import locale
from index.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEWLINE = r"(?>\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028])"
# Atomic groups, so that "\r\n" is not read as two line ends and a long run of blanks is not tried twice.
_BLANK_LINE = re.compile(rf"(?:{_NEWLINE}(?>[^\S\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*){_NEWLINE}|\u2029)\s*")
_CLOSERS = "\"'“”‘’»«›‹)\\]}*_"
_CANDIDATE = re.compile(rf"([.!?…。！？]+)((?:[{_CLOSERS}]|\[\d{{1,3}}\])*)")
_OPENERS = "\"'“”„‚‘’»«›‹([{*_–—-•·¿¡> "
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:[./]\d+)*")
_ROMAN = re.compile(r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ALWAYS_FOLLOWED = locale.words("sentences.always_followed")
_SOMETIMES_FINAL = locale.words("sentences.sometimes_final")
_OFTEN_FINAL = locale.words("sentences.often_final")
_BEFORE_NUMBER = locale.words("sentences.before_number")
_BEFORE_NUMBER_ENDINGS = locale.texts("sentences.before_number_endings")
_BEFORE_ROMAN = locale.words("sentences.before_roman")
_ORDINAL_NOUNS = locale.words("sentences.ordinal_nouns")
_ORDINAL_LEAD = locale.words("sentences.ordinal_lead")
_STARTERS = locale.words("sentences.starters")
_LOOK_BACK = 48  # longer than any abbreviation with the word before it
_LOOK_AHEAD = 48


def split(text: str, *, start: int = 0, end: int | None = None) -> list[Span]:
    """
    Find the sentences of ``text[start:end]``.

    A sentence ends at a full stop, question mark, exclamation mark or ellipsis (with the quotes and brackets
    that close after it) if something that can open a sentence follows, and at a blank line. Full stops of
    abbreviations, ordinals, dates, initials and Roman numerals do not end one.

    Parameters
    ----------
    text
        Any text.
    start, end
        The part to split; offsets of the result count from the start of ``text``.

    Returns
    -------
    list[Span]
        Spans in order, without overlap, trimmed of white space, which together hold every character of the
        part that is not white space.

    Examples
    --------
    >>> [(s.start, s.end) for s in split("Am 3. Juni kam z. B. Dr. Wu. Er blieb.")]
    [(0, 28), (29, 38)]

    """
    stop = len(text) if end is None else min(end, len(text))
    spans: list[Span] = []
    for left, right in _paragraphs(text, start, stop):
        begin = left
        for match in _CANDIDATE.finditer(text, left, right):
            if match.end() < right and _ends_sentence(text, match, begin, right):
                spans.extend(_trimmed(text, begin, match.end()))
                begin = match.end()
        spans.extend(_trimmed(text, begin, right))
    return spans


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for blank in _BLANK_LINE.finditer(text, start, end):
        yield begin, blank.start()
        begin = blank.end()
    yield begin, end


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start, end)


def _ends_sentence(text: str, match: re.Match[str], begin: int, end: int) -> bool:
    if not text[match.end()].isspace():
        return False  # a decimal, a domain, "?!)", or a sentence glued to the next one
    ahead = _opening(text, match.end(), end)
    if not ahead:
        return True
    if not _can_open(ahead):
        return False
    marks, closers = match.group(1), match.group(2)
    if marks != ".":
        # Not after a title that ends in such a mark and is followed by its year: „Fürchtet sie!“ (2006)
        return not (closers and ahead[0].isdigit() and text[match.end() + 1 : match.end() + 2] == "(")
    word = _WORD.match(ahead)
    following = word.group() if word else ahead[0]
    before = text[max(begin, match.start() - _LOOK_BACK) : match.start()]
    return _full_stop_ends(before, following, whole=match.start() - begin <= _LOOK_BACK, closed=bool(closers))


def _opening(text: str, position: int, end: int) -> str:
    """Return the text that follows, without leading white space, quotes, brackets and dashes."""
    while position < end and text[position].isspace():
        position += 1
    return text[position : min(end, position + _LOOK_AHEAD)].lstrip(_OPENERS)


def _can_open(ahead: str) -> bool:
    first = ahead[0]
    if first.islower():
        return ahead[1:2].isupper()  # iPhone, eBay
    return first.isalnum() or first not in ",;:./&%+=|"


def _full_stop_ends(before: str, following: str, *, whole: bool, closed: bool) -> bool:
    """Decide whether a full stop ends a sentence; `before` is the `whole` sentence before it, or its last part."""
    tokens = before.split()
    token = tokens[-1].lstrip(_OPENERS) if tokens and not before[-1].isspace() else ""
    previous = tokens[-2].strip(_OPENERS + ",.;:").lower() if len(tokens) > 1 else ""
    first_word = whole and len(tokens) == 1
    opens = len(following) > 1 and following.lower() in _STARTERS and not following.islower()
    if _NUMBER.fullmatch(token):
        return not first_word and _number_ends(token, tokens[-2] if len(tokens) > 1 else "", following, opens=opens)
    verdict = _abbreviation_ends(token, tokens, following, opens=opens)
    if verdict is not None:
        return verdict and not first_word and (opens or not closed)
    if len(token) == 1 and token.isalpha():
        # An initial is followed by a name; the letter of a list item opens its line.
        return opens and not first_word
    if len(token) > 1 and _ROMAN.fullmatch(token) and not first_word:
        return opens or previous in _BEFORE_ROMAN
    return True


def _number_ends(token: str, previous: str, following: str, *, opens: bool) -> bool:
    if following.lower() in _ORDINAL_NOUNS or following[0].isdigit():
        return False
    if opens or len(token) >= 4:
        return True
    lead = previous.strip(_OPENERS + ",;:")
    if lead.lower() in _ORDINAL_LEAD:
        return False
    # "Platz 3. Bayern" ends at the full stop, "spielte 2. Liga" does not.
    return lead[:1].isupper()


def _abbreviation_ends(token: str, tokens: list[str], following: str, *, opens: bool) -> bool | None:
    """Decide whether an abbreviation ends a sentence; None if the token is not an abbreviation."""
    short = token.lower()
    if (short in _BEFORE_NUMBER or short.endswith(_BEFORE_NUMBER_ENDINGS)) and (
        following[0].isdigit() or _ROMAN.fullmatch(following)
    ):
        return False
    spelled = "".join(tokens[-2:]).lower().lstrip(_OPENERS) if len(tokens) > 1 and tokens[-2].endswith(".") else short
    longer = "".join(tokens[-3:]).lower().lstrip(_OPENERS) if spelled != short else spelled
    names = {short, spelled, longer}
    if names & _ALWAYS_FOLLOWED:
        return False
    if names & _OFTEN_FINAL:
        return not following[0].isdigit()
    # "U.S.", "e.V." and similar abbreviations that are in no list
    dotted = "." in token and all(len(part) <= 3 for part in token.split("."))
    if names & _SOMETIMES_FINAL or dotted:
        return opens
    return None
