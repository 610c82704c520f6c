"""
Count the words that text recognition gets wrong on scanned German print: ``python -m bench.reading.recognition``.

Articles of the corpus are set as pages, drawn, and degraded as scanners and copiers do. Needs Tesseract.
"""

from __future__ import annotations

import random
import re
import textwrap
import time
from pathlib import Path

from index.reading.extraction.process.isolation import Reader
from index.reading.extraction.recognition.scans import Scans, installed
from tests.recognising import drawn, scanned

_ARTICLES = Path(__file__).parents[2] / "corpus"
_PAGES = 3
_LINES = 28


def texts() -> list[list[str]]:
    """Return the lines of a few pages."""
    found = []
    for file in sorted(_ARTICLES.glob("**/*.md")):
        body = file.read_text(encoding="utf-8").split("---", 2)[-1]
        body = re.sub(r"[#*_>\[\]()|`]|https?://\S+", " ", body).encode("cp1252", "ignore").decode("cp1252")
        rows = textwrap.wrap(" ".join(body.split()), 85, break_on_hyphens=False)
        if len(rows) >= _LINES:
            found.append(rows[:_LINES])
        if len(found) == _PAGES:
            break
    return found


def spoilt(page: object, how: str, chance: random.Random) -> object:
    """Return a picture of a page as a bad copier would make it."""
    from PIL import Image, ImageFilter

    image: Image.Image = page  # type: ignore[assignment]
    if "turned" in how:
        image = image.rotate(1.0, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    if "grey" in how:
        image = image.point(lambda value: 60 + value * 120 // 255)
    if "noise" in how:
        noise = Image.effect_noise(image.size, 60)
        image = Image.blend(image, noise, 0.25).filter(ImageFilter.GaussianBlur(0.7))
    return image


def errors(read: str, meant: str) -> int:
    """Return how many words must be added, left out or changed to turn one text into the other."""
    got, wanted = read.split(), meant.split()
    row = list(range(len(wanted) + 1))
    for i, word in enumerate(got, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(wanted, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def main() -> None:
    """Print a table."""
    recognition = installed()
    if recognition is None:
        raise SystemExit("Tesseract is not installed.")
    print(f"tesseract {recognition.version}, {recognition.languages}")
    pages = texts()
    chance = random.Random(1)
    with Reader() as reader:
        for dpi, how in ((300, "clean"), (200, "turned by 1°"), (200, "grey, noise"), (100, "clean")):
            images = [spoilt(drawn(*rows, dpi=dpi), how, chance) for rows in pages]
            began = time.perf_counter()
            found = Scans(reader, recognition).extract(scanned(*images, dpi=dpi), "pdf")
            seconds = (time.perf_counter() - began) / len(pages)
            starts = (*found.pages, len(found.text))
            wrong = sum(
                errors(found.text[starts[number] : starts[number + 1]], " ".join(rows))
                for number, rows in enumerate(pages)
            )
            total = sum(len(" ".join(rows).split()) for rows in pages)
            print(
                f"{dpi} dpi, {how:14} {wrong:4} of {total} words wrong, {100 * wrong / total:5.2f} %  {seconds:.1f} s a page"
            )


if __name__ == "__main__":
    main()
