"""Decode the bytes of a file: tell which encoding it has."""

from __future__ import annotations

import re

from index.errors import CorpusError

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# Two-byte sequences other than C2 and C3 prove nothing: "Spaß“" in cp1252 holds DF 93, which is valid UTF-8.
_UTF8_PROOF = re.compile(rb"[\xc2\xc3][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UTF8_PAIR = re.compile(rb"[\xc4-\xdf][\x80-\xbf]")


def decode(data: bytes) -> tuple[str, str]:
    """
    Turn a file's bytes into text, without touching line ends or Unicode forms.

    A byte order mark decides and is left out of the text; otherwise strict UTF-8 is tried, then cp1252, unless the
    bytes are plainly UTF-8 with a few broken bytes, which cp1252 would silently turn into mojibake.

    Parameters
    ----------
    data
        The file's content.

    Returns
    -------
    tuple[str, str]
        The text, and the codec: ``utf-8``, ``utf-16`` or ``cp1252``.

    Raises
    ------
    CorpusError
        If the bytes are not text, or are broken.

    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _checked(data.decode("utf-16"), share=0.1), "utf-16"
        except UnicodeDecodeError as error:
            raise CorpusError(
                f"broken UTF-16 at byte {error.start}.", hint="Save it as UTF-8.", kind="damaged"
            ) from error
    if b"\x00" in data:
        raise CorpusError(f"binary file (NUL at byte {data.index(0)}).", kind="wrong_type")
    marked = data.startswith(b"\xef\xbb\xbf")
    body = data[3:] if marked else data
    try:
        return _checked(body.decode("utf-8"), share=0.1), "utf-8"
    except UnicodeDecodeError as error:
        broken = error.start + len(data) - len(body)
    if marked or _meant_as_utf8(body):
        raise CorpusError(f"broken UTF-8 at byte {broken}.", hint="Save it as UTF-8.", kind="damaged")
    try:
        return _checked(body.decode("cp1252"), share=0.01), "cp1252"
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"neither UTF-8 nor cp1252 (byte {error.start}).", hint="Save it as UTF-8.", kind="damaged"
        ) from error


def _checked(text: str, *, share: float) -> str:
    """Return the text if no more than `share` of its characters are control characters."""
    if "\x00" in text or len(_CONTROLS.findall(text)) > share * len(text):
        raise CorpusError("binary file (control characters).", kind="wrong_type")
    return text


def _meant_as_utf8(data: bytes) -> bool:
    if _UTF8_PROOF.search(data):
        return True
    # Greek, Cyrillic, Hebrew ...: the bytes are taken for UTF-8 if most high bytes belong to a pair.
    return 2 * 2 * len(_UTF8_PAIR.findall(data)) > len(_HIGH_BYTE.findall(data)) > 8
