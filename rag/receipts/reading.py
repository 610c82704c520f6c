"""Read what an answer claims, from the bytes of a file."""

from __future__ import annotations

from index.errors import RagError
from rag.limits import LONGEST_RECEIPT
from rag.receipts.claims import HINT, Claim, answer_of, parsed
from rag.receipts.page import payload_in


def read(data: bytes) -> Claim:
    """
    Read an answer as JSON, or a receipt.

    Parameters
    ----------
    data
        Content of the file.

    Raises
    ------
    RagError
        It is neither, is of another version, or is too large.

    """
    if len(data) > LONGEST_RECEIPT:
        raise RagError(f"The answer is larger than {LONGEST_RECEIPT / 1e6:.0f} MB.", hint=HINT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RagError(f"The answer is not text in UTF-8 (byte {error.start}).", hint=HINT) from error
    if text.lstrip()[:1] == "<":
        return payload_in(text)
    return Claim(answer=answer_of(parsed(text)))
