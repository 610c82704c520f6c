"""A stand-in for Tesseract, and pictures of text."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path
from typing import Any

from tests.files import lines, make_pdf

# It recognises what it was given: the languages, the size of the picture, and the brightness of its last pixel.
_PROGRAM = """#!{python} -S
import pathlib, sys, time
here = pathlib.Path(__file__).parent
mode = (here / "mode").read_text()
arguments = sys.argv[1:]
if arguments == ["--version"]:
    print("tesseract 5.9.0-fake")
elif arguments == ["--list-langs"]:
    print("List of available languages (3):\\n" + (here / "languages").read_text())
else:
    data = sys.stdin.buffer.read()
    if mode == "fail":
        sys.stderr.write("Warning: odd\\nError in something: out of luck\\n")
        sys.exit(1)
    if mode == "hang":
        (here / "hanging").symlink_to("x") if False else time.sleep(600)
    assert arguments[:2] == ["stdin", "stdout"] and arguments[-1] == "tsv", arguments
    mark, width, height, most, pixels = data.split(None, 4) if data[:2] == b"P5" else (b"", b"0", b"0", b"0", b"")
    languages = arguments[arguments.index("-l") + 1]
    said = "" if mode == "silent" else f"Gelesen {{languages}} {{width.decode()}} mal {{height.decode()}} Punkte hell {{data[-1]}}."
    print("level\\tpage_num\\tblock_num\\tpar_num\\tline_num\\tword_num\\tleft\\ttop\\twidth\\theight\\tconf\\ttext")
    print("1\\t1\\t0\\t0\\t0\\t0\\t0\\t0\\t9\\t9\\t-1\\t")
    for number, word in enumerate(said.split()):
        print(f"5\\t1\\t1\\t1\\t1\\t{{number}}\\t{{number * 9}}\\t10\\t8\\t8\\t95.5\\t{{word}}")
"""


class FakeProgram:
    """The stand-in in a folder of its own; a test makes this folder the only one on the PATH."""

    def __init__(self, folder: Path, *, languages: str = "deu\neng\nosd", mode: str = "read") -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        program = folder / "tesseract"
        program.write_text(_PROGRAM.format(python=sys.executable), encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (folder / "languages").write_text(languages, encoding="utf-8")
        self.set(mode)

    def set(self, mode: str) -> None:
        (self.folder / "mode").write_text(mode, encoding="utf-8")


def picture(size: tuple[int, int] = (1600, 100), colour: Any = 255, mode: str = "L") -> Any:
    from PIL import Image

    return Image.new(mode, size, colour)


def saved(image: Any, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def drawn(*texts: str, size: float = 11, dpi: int = 200) -> Any:
    """A page of text as a picture."""
    import pypdfium2

    return pypdfium2.PdfDocument(make_pdf([lines(*texts, size=size)]))[0].render(scale=dpi / 72).to_pil().convert("L")


def scanned(*pages: Any, dpi: int = 200) -> bytes:
    """A PDF of pictures."""
    return saved(pages[0], "PDF", save_all=True, append_images=list(pages[1:]), resolution=dpi)


def joined(*files: bytes) -> bytes:
    """A PDF with the pages of several others."""
    import pypdfium2

    made = pypdfium2.PdfDocument.new()
    for data in files:
        made.import_pages(pypdfium2.PdfDocument(data))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
