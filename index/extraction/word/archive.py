"""Look into a Word file's archive before anything of it is unpacked."""

from __future__ import annotations

import io
import zipfile

from index.extraction.types import ExtractionError

# What Word itself writes stays far below these: XML packs about 10 to 1, and a long book has a few hundred parts.
MAX_PARTS = 5_000
MAX_PART_BYTES = 100_000_000
MAX_BYTES = 300_000_000
MAX_RATIO = 200
_SMALL = 1_000_000  # bytes; below this a high ratio does no harm
DAMAGED = "a damaged Word document."
REPAIR = "Open it in Word or LibreOffice and save it anew."


def check_archive(data: bytes) -> None:
    """
    Look at an archive's table of contents before anything is unpacked.

    Raises
    ------
    ExtractionError
        It is damaged, no Word document, or a "zip bomb": more or larger parts than any document has.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ExtractionError(DAMAGED, hint=REPAIR) from error
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise ExtractionError(
            "named .docx, but it is another kind of ZIP archive.", hint="Give it the right ending.", kind="wrong_type"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise ExtractionError("protected by a password.", hint="Save it without one.", kind="encrypted")
    swollen = any(part.file_size > _SMALL and part.file_size > MAX_RATIO * max(1, part.compress_size) for part in parts)
    if (
        swollen
        or len(parts) > MAX_PARTS
        or max(part.file_size for part in parts) > MAX_PART_BYTES
        or sum(part.file_size for part in parts) > MAX_BYTES
    ):
        raise ExtractionError("a Word document that unpacks to far more than it should; it is not opened.", kind="bomb")
