"""Names of the elements and attributes of OpenDocument (ISO/IEC 26300)."""

from __future__ import annotations

_BASE = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE = f"{{{_BASE}office:1.0}}"
TEXT = f"{{{_BASE}text:1.0}}"
TABLE = f"{{{_BASE}table:1.0}}"
DRAW = f"{{{_BASE}drawing:1.0}}"
STYLE = f"{{{_BASE}style:1.0}}"
FO = f"{{{_BASE}xsl-fo-compatible:1.0}}"
PRESENTATION = f"{{{_BASE}presentation:1.0}}"
META = f"{{{_BASE}meta:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"
