"""
Draw one page or picture and let Tesseract read it, in the process that reads files and under its limits.

The program gets grey pixels and nothing else: it would take the lines of a text for names of files to open.
"""

from __future__ import annotations

import io
import os
import subprocess
from typing import Any

from index.limits import LARGEST_PICTURE
from index.reading.extraction.recognition.words import read, words
from index.reading.extraction.types import Extract, ExtractionError
from index.reading.extraction.writer import Writer

NO_PAGE = "no_page"
SECONDS = 120  # for one page, on the clock; a page of print takes two to ten, a busy machine needs longer
_DPI = 300  # the resolution that the program was trained for
_POINTS = 72  # in an inch
_LARGEST_DRAWING = 25_000_000  # pixels; A4 has 9 million at 300 dpi, A3 17 million
_LEAST_SIDE = 24  # pixels; smaller ones are dots and rules
_ENLARGED = 1_500  # pixels; a smaller picture is mostly a screenshot with letters too small for the program


def extract(data: bytes, options: str) -> Extract:
    """
    Read one page of a PDF, or of a picture.

    Parameters
    ----------
    data
        The file's content.
    options
        The page's number, from 1, the languages as the program names them, its version and its path, separated by
        blanks: ``3 deu+eng 5.3.0 /usr/bin/tesseract``.

    Raises
    ------
    ExtractionError
        If there is no such page (`NO_PAGE`), it cannot be drawn or has no text, or the program fails.

    """
    number, languages, _, program = options.split(" ", 3)
    pixels = _of_pdf(data, int(number)) if data.lstrip()[:5] == b"%PDF-" else _of_picture(data, int(number))
    found = read(words(_run(pixels, languages, program)))
    writer = Writer()
    for paragraph in found.paragraphs:
        writer.paragraph(paragraph)
    if not writer.has_text:
        raise ExtractionError("without text that could be read.", kind="no_text")  # an error is remembered
    unread = (f"{found.unsure} words too unsure to be kept",) if found.unsure > 1 else ()
    return Extract(writer.text(), unread=unread)


def _run(pixels: bytes, languages: str, program: str) -> str:
    # By default it takes all cores for each page, which is slower for many pages.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    command = [program, "stdin", "stdout", "-l", languages, "--dpi", str(_DPI), "--psm", "1", "tsv"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the languages are checked where they are set
            command, input=pixels, capture_output=True, timeout=SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise ExtractionError(f"takes text recognition more than {SECONDS} s.", kind="too_long") from error
    except OSError as error:
        raise ExtractionError(
            f"text recognition cannot be started ({error.strerror}).", kind="no_recognition"
        ) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = f": {said[-1][:200]}" if said else f" (exit code {done.returncode})"
        raise ExtractionError(f"text recognition failed{why}.")
    return done.stdout.decode("utf-8", "replace")


def _of_pdf(data: bytes, number: int) -> bytes:
    """Return a page of a PDF in the form that the program takes."""
    import pypdfium2  # noqa: PLC0415 - an extra

    try:
        pdf = pypdfium2.PdfDocument(data)
        if number > len(pdf):
            raise _no_page()
        page = pdf[number - 1]
        width, height = page.get_size()
        scale = min(_DPI / _POINTS, (_LARGEST_DRAWING / max(1.0, width * height)) ** 0.5)
        drawn = page.render(scale=scale, grayscale=True, may_draw_forms=False)
        grey = drawn.to_pil().convert("L")
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise ExtractionError("cannot be drawn.") from error
    return _grey(grey)


def _of_picture(data: bytes, number: int) -> bytes:
    """Return a picture in the form that the program takes; some files (TIFF) hold several, and each is a page."""
    from PIL import Image  # noqa: PLC0415 - an extra

    # The library's own bound only warns; pictures larger than ours are not decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        return _drawn(Image, data, number)
    except (ExtractionError, MemoryError):
        raise
    except Exception as error:  # the library fails in many ways over a damaged picture
        raise ExtractionError("a damaged picture.", hint="Save it again.") from error


def _drawn(image: Any, data: bytes, number: int) -> bytes:
    from PIL import ImageOps  # noqa: PLC0415 - an extra

    with image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF", "WEBP")) as picture:
        # An animation is one page; in a file of scans each picture is a page.
        if number > (getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1):
            raise _no_page()
        if number > 1:
            picture.seek(number - 1)
        width, height = picture.size
        if width * height > LARGEST_PICTURE:
            said = f"a picture of {width * height / 1e6:.0f} million pixels."
            raise ExtractionError(said, hint="Make it smaller.", kind="too_large")
        if min(width, height) < _LEAST_SIDE:
            raise ExtractionError("a picture too small to hold text.", kind="no_text")
        upright = ImageOps.exif_transpose(picture)
        if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
            background = image.new("RGBA", upright.size, "white")
            upright = image.alpha_composite(background, upright.convert("RGBA"))
        grey = upright.convert("L")
    share = 2.0 if max(grey.size) < _ENLARGED else min(1.0, (_LARGEST_DRAWING / (grey.width * grey.height)) ** 0.5)
    if share != 1.0:
        size = max(1, int(grey.width * share)), max(1, int(grey.height * share))
        grey = grey.resize(size, image.Resampling.BICUBIC)
    return _grey(grey)


def _no_page() -> ExtractionError:
    return ExtractionError("no such page.", kind=NO_PAGE)


def _grey(picture: Any) -> bytes:
    """Return the pixels in the plainest format (PGM)."""
    pixels: bytes = picture.tobytes()
    return b"P5 %d %d 255\n" % picture.size + pixels
