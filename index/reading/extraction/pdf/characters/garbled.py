"""
Tell gibberish from text: a PDF may draw the right letters, but map them to other characters.

The pairs of letters in the words are compared with those of some fifty languages. Anything that is not a word is not
judged: figures, codes, other alphabets. Nor are short texts.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

LETTERS = " abcdefghijklmnopqrstuvwxyz"
# How rare each letter is behind another, in the language in which the pair is most frequent: whole bits, in
# hexadecimal. Rows and columns are `LETTERS`; the blank is a word's beginning or end. Made by
# bench/reading/letter_pairs.py.
_RARE = """
f33332444142433445432544635
135445655255342556234556756
315462dd32474663dd33525475d
2184514b0052564279324356b53
21843177314567317d536365843
125422726244341546113544643
4167532431574c72641363c6c5c
013452733135474268345234743
118542b54235556287450354b4b
124341656334351455314455623
204242778134553148613155666
11b5826b317355617b442252727
114432754144354377935365747
31346278337775735e737367848
116332515244675284923357846
135343545254242256224233645
21a4a24722664a725a134255a4a
115551555255555155445045555
215443756154554266234364635
126182571141466338541254e51
128473783166685278324266435
123533645244343444133354643
319651969146595374339489925
305552555055354255345455535
020651660166343266342366666
005433524323343345223245543
113351943144473259634255934
""".split()
_BITS = {a + b: int(row[place], 16) for a, row in zip(LETTERS, _RARE, strict=True) for place, b in enumerate(LETTERS)}
_FOREIGN = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
# Codes do not count as words: letters beside figures, a few capitals.
_WORD = re.compile(r"(?<![\w-])[^\W\d_]{2,40}(?![\w-]|(?<=[A-Z])-)")
_LATIN = re.compile("[a-z]+")
_REPEATED = re.compile(r"([^\w\s])(?:\s?\1)+")
_SIGN = re.compile(r"[^\w\s]")
_NO_LETTER = re.compile("[\ue000-\uf8ff\ufffd\x01-\x08\x0e-\x1f\x7f-\x9f]")
MOST_READ = 3000  # characters that are enough to judge a text
LEAST_PAIRS = 50
# Most bits per pair, by the number of pairs: 200 letters in any of 55 languages have 2.0 to 2.9, letters that are
# mapped to wrong characters 3.1 to 5.
_RAREST = ((600, 2.95), (120, 3.1), (0, 3.35))
_ALPHABETS = frozenset({"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC"})  # a word is made of one of these
_SIGNED = 0.15  # bits by which the bound is lower if there are many signs among the letters


def is_garbled(text: str, *, least: int = LEAST_PAIRS) -> bool:
    """
    Tell whether a text is gibberish.

    Parameters
    ----------
    text
        The text of a page or a file.
    least
        Least number of pairs of letters by which it is judged.

    """
    text = _REPEATED.sub(r"\1", text[:MOST_READ])
    shown = len(text) - sum(map(str.isspace, text))
    if shown < 30:
        return False
    if len(_NO_LETTER.findall(text)) > 0.3 * shown:
        return True
    letters = [character for character in text if character.isalpha()]
    signs = len(_SIGN.findall(text))
    if shown >= 60 and signs > 0.5 * shown:
        return True
    latin = sum(character.isascii() for character in letters)
    if len(letters) < 0.3 * shown or 2 * latin < len(letters):
        return len(letters) >= 60 and _is_mixed(text)
    return _is_rare(text, least, signed=signs > 0.15 * shown)


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", text.lower().translate(_FOREIGN))
    return "".join(character for character in plain if not unicodedata.combining(character))


def _is_rare(text: str, least: int, *, signed: bool) -> bool:
    words = _WORD.findall(text)
    small = [word for word in words if len(word) > 5 or word[1:].islower()]
    if sum(map(len, small)) < 40:
        small += [word for word in words if word.isupper() and 3 < len(word) < 6]
    bits = pairs = 0
    for word in _LATIN.findall(folded(" ".join(small))):
        framed = f" {word} "
        bits += sum(map(_BITS.__getitem__, map("".join, pairwise(framed))))
        pairs += len(framed) - 1
    if pairs < least:
        return False
    rarest = next(rarest for many, rarest in _RAREST if pairs >= many)
    return bits > (rarest - _SIGNED * signed) * pairs


def _is_mixed(text: str) -> bool:
    """Tell whether words mix letters of several alphabets, or consist mostly of letters with accents."""
    words = [word for word in re.findall(r"[^\W\d_]{2,}", text) if not word.isascii()]
    mixed = sum(len(_ALPHABETS & {_alphabet(letter) for letter in word}) > 1 for word in words)
    accented = [word for word in words if _alphabet(word[0]) == "LATIN"]
    letters = "".join(accented)
    soup = sum(not letter.isascii() for letter in letters) > 0.55 * len(letters) > 30
    return len(words) > 5 and (mixed > 0.4 * len(words) or soup)


def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "NONE").split(" ", 1)[0]
