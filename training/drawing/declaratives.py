"""Put a German question and its answer as one sentence, such as a language model writes."""

from __future__ import annotations

import re

_PREPOSITIONS = "[IiAaMmVvZzNnFfDdUuGgSsBb][a-zäöü]{1,6}"
# The head of a question, which the answer replaces; the finite verb follows, as it does in a sentence.
_ASKED = re.compile(
    r"(?:Wer|Was|Wen|Wem|Wo|Wann|Wohin|Woher"
    r"|Wie viele?(?: [a-zäöü]\w+)? (?P<counted>[A-ZÄÖÜ][\w-]+)"
    rf"|(?P<preposition>{_PREPOSITIONS}) welche[mnrs]?(?: [a-zäöü]\w+)? (?P<kind>[A-ZÄÖÜ][\w-]+)"
    r"|Welche[mnrs]?(?: [a-zäöü]\w+)? [A-ZÄÖÜ][\w-]+)"
    r" (?P<rest>[a-zäöü]\w+ .+?)\s*\?"
)
_NOT_VERBS = frozenset(
    "für von und oder der die das den dem des zu im in am an auf aus mit nach bei viel viele".split()
)
_LEADS = frozenset("im am zum zur beim vom ins in an auf aus bei mit von zu nach für durch um über unter seit".split())


def as_sentence(question: str, answer: str) -> str | None:
    """
    Replace the head of a German question with its answer.

    Parameters
    ----------
    question
        Such as "Wann wurde der Verein gegründet?".
    answer
        Such as "1912".

    Returns
    -------
    str | None
        Such as "1912 wurde der Verein gegründet."; None if the question has another form.

    """
    match = _ASKED.fullmatch(question.strip())
    head = answer.strip().rstrip(".,;:")
    if match is None or not head or match["rest"].split()[0] in _NOT_VERBS:
        return None
    if match["counted"] and match["counted"] not in head:
        head = f"{head} {match['counted']}"
    if match["preposition"] and head.split()[0].lower() not in _LEADS:
        head = f"{'im Jahr' if match['kind'] == 'Jahr' else match['preposition'].lower()} {head}"
    return f"{head[:1].upper()}{head[1:]} {match['rest']}."
