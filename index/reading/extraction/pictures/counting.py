"""Count the pictures that are not read: those large enough to hold text, and without a description."""

from __future__ import annotations

import io
import re
import warnings

_LEAST_SIDE = 36.0  # points: half an inch; an icon, a bullet or a line is smaller on one side
_LEAST_AREA = 10_000.0  # square points: 3.5 cm by 3.5 cm
_PER_PIXEL = 0.75  # points
# What programs fill in if nobody has described a picture.
_NO_WORDS = re.compile(
    r"(?:bild|grafik|foto|abbildung|image|picture|graphic|photo|figure|img|screenshot|bildschirmfoto|dsc|scan|object|objekt)"
    r"[\s_-]*[\d\s_.-]*|[^\s]+\.(?:png|jpe?g|gif|bmp|tiff?|webp|svg|[ew]mf)|[\W\d_]*"
    r"|.*(?:automatisch generierte beschreibung|description automatically generated"
    r"|ki-generierte inhalte|ai-generated content).*",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 2_000  # characters of a description that are looked at


class Pictures:
    """Counts the pictures of a file, each once however often it is shown."""

    def __init__(self) -> None:
        self._found: set[object] = set()

    @property
    def count(self) -> int:
        """Number of pictures that may hold text."""
        return len(self._found)

    def add(self, which: object, *, size: tuple[float, float] | None, words: str = "") -> None:
        """
        Count a picture, unless it is small or words say what it shows.

        Parameters
        ----------
        which
            Identifies the picture.
        size
            Width and height in points, as it is shown; None if unknown.
        words
            The text that replaces it where it cannot be shown.

        """
        if not says_something(words) and (size is None or is_large(*size)):
            self._found.add(which)

    def said(self) -> tuple[str, ...]:
        """Return a line with their number, empty if there are none."""
        return () if not self.count else (f"{self.count} picture{'s' if self.count > 1 else ''}",)


def says_something(words: str) -> bool:
    """
    Tell whether words say what a picture shows.

    Examples
    --------
    >>> says_something("Lageplan der Mühle"), says_something("IMG_2041.jpg"), says_something("Grafik 3")
    (True, False, False)

    """
    return _NO_WORDS.fullmatch(words[:_LONGEST].strip()) is None


def is_large(width: float, height: float) -> bool:
    """Tell whether a picture of a width and a height in points is large enough to hold text."""
    return min(width, height) >= _LEAST_SIDE and width * height >= _LEAST_AREA


def of_pixels(width: float, height: float) -> tuple[float, float]:
    """Return the size in points of a picture that is shown in its own size in pixels."""
    return width * _PER_PIXEL, height * _PER_PIXEL


def size_of(data: bytes) -> tuple[float, float] | None:
    """Return the size in points of a picture by its first bytes; None if it is not a picture of a known format."""
    from PIL import Image  # noqa: PLC0415 - an extra

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it would be too large to be decoded
            with Image.open(io.BytesIO(data)) as image:
                return of_pixels(*image.size)
    except Image.DecompressionBombError:
        return of_pixels(Image.MAX_IMAGE_PIXELS or 1, 1_000)
    except Exception:  # noqa: BLE001 - the library fails in many ways over what is no picture
        return None
