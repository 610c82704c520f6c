"""What all pages of a report share: the style, the script, and the policy that admits no other script."""

from __future__ import annotations

import base64
import hashlib

from rag.evaluation.report.causes import CAUSES, WELL_COLOUR

_STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --sheet: #ffffff; --ink: #1c1b19; --soft: #5d594f; --rule: #e2ded3; --accent: #8a1f1f;
  --right: #1c7048; --wrong: #b3261e;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171614; --sheet: #1e1d1a; --ink: #ece8df; --soft: #a8a294; --rule: #37342d; --accent: #f0a29a;
    --right: #6cc795; --wrong: #f2938c;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--sans); }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 64px; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 36px 0 12px; font-size: 18px; }
h3 { margin: 16px 0 4px; font-size: 13px; color: var(--soft); }
p { margin: 6px 0; }
a { color: var(--accent); }
code, .id { font-family: var(--mono); font-size: 0.9em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.t { unicode-bidi: isolate; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.facts { color: var(--soft); margin: 4px 0 18px; }
.sheet { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; }
.next { padding: 14px 18px 16px; border-left: 6px solid var(--cause, var(--rule)); }
.next h2 { margin: 0 0 4px; font-size: 13px; color: var(--soft); }
.next .what { font-size: 20px; line-height: 1.35; }
.beside { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 28px; align-items: start; }
.pill {
  display: inline-flex; align-items: center; gap: 6px; padding: 1px 10px; border-radius: 999px; white-space: nowrap;
  background: var(--cause, var(--soft)); color: #ffffff; font: 600 12px/1.6 var(--mono);
}
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; border-bottom: 1px solid var(--rule); text-align: right; }
th:first-child, td:first-child { text-align: left; }
tbody th { font-weight: 400; }
tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-size: 12px; font-weight: 600; vertical-align: bottom; }
.causes { list-style: none; margin: 0; padding: 0; }
.causes li { padding: 10px 14px; border-bottom: 1px solid var(--rule); }
.causes li:last-child { border-bottom: 0; }
.causes p { margin: 3px 0 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 16px; }
figure { margin: 0; padding: 14px 16px; }
figcaption { margin-bottom: 8px; font-size: 13px; color: var(--soft); }
figcaption strong { display: block; font-size: 15px; color: var(--ink); }
.plot { display: block; width: 100%; max-width: 560px; height: auto; margin: 0 auto; color: var(--ink); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 16px; margin: 0; padding: 12px 16px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-family: var(--mono); font-size: 13px; }
.filters { padding: 12px 16px; margin-bottom: 14px; }
fieldset { border: 0; margin: 0 0 10px; padding: 0; display: flex; flex-wrap: wrap; gap: 8px; }
legend { padding: 0 0 4px; font-size: 13px; color: var(--soft); }
.choice {
  display: inline-flex; align-items: center; gap: 7px; padding: 4px 12px 4px 10px; border-radius: 999px;
  border: 1px solid var(--rule); font-size: 13px; cursor: pointer;
}
.choice::before { content: ""; width: 10px; height: 10px; border-radius: 50%; background: var(--cause, var(--soft)); }
.choice input { position: absolute; opacity: 0; pointer-events: none; }
.choice:has(:checked) { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); font-weight: 600; }
.choice:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.choice b { font-weight: 400; color: var(--soft); }
.search { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; }
.search input, button {
  font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--rule); border-radius: 6px;
  padding: 6px 12px;
}
.search input { flex: 1 1 220px; min-width: 0; font-size: 16px; }
button { cursor: pointer; font-size: 13px; }
.row { margin-bottom: 8px; border-left: 5px solid var(--cause, var(--rule)); content-visibility: auto;
  contain-intrinsic-size: auto 130px; }
summary { padding: 10px 16px; cursor: pointer; list-style-position: outside; display: block; }
summary::-webkit-details-marker { display: none; }
summary > span { display: block; }
.head { display: flex !important; flex-wrap: wrap; align-items: center; gap: 4px 10px; margin-bottom: 2px; }
.head::after { content: "Details"; margin-left: auto; font-size: 12px; color: var(--accent); }
[open] > summary .head::after { content: "Close"; }
.id { color: var(--soft); overflow-wrap: anywhere; }
.question { font-weight: 600; }
.pair { display: grid !important; grid-template-columns: 62px minmax(0, 1fr); }
.pair .t, .lines { white-space: pre-line; }
.body { padding: 0 16px 14px; border-top: 1px solid var(--rule); }
.body ul, .body ol { margin: 0; padding-left: 26px; }
.body li { margin: 2px 0; }
.right { color: var(--right); font-weight: 600; }
.wrong { color: var(--wrong); font-weight: 600; }
.body q { quotes: "»" "«"; }
@media (max-width: 760px) {
  main { padding: 18px 12px 48px; }
  h1 { font-size: 21px; }
  .beside { grid-template-columns: minmax(0, 1fr); }
  th, td { padding: 5px 6px; font-size: 13px; }
  figure { padding: 12px 8px; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: 8px; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .pair .soft { font-size: 12px; margin-top: 4px; }
}
@media print { .filters { display: none; } .row { content-visibility: visible; } }
"""

SCRIPT = """
"use strict";
(() => {
  const filters = document.getElementById("filters");
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const rows = Array.from(document.querySelectorAll("details.row"));
  const boxes = Array.from(filters.querySelectorAll("input[data-filter]"));
  const texts = new Map();
  const plain = (text) => text.normalize("NFC").toLocaleLowerCase();
  const textOf = (row) => {
    if (!texts.has(row)) {
      const parts = Array.from(row.querySelectorAll(".t"), (part) => part.textContent);
      texts.set(row, plain(parts.join("\\n")));
    }
    return texts.get(row);
  };
  const chosen = (name) =>
    new Set(boxes.filter((box) => box.dataset.filter === name && box.checked).map((box) => box.value));
  const apply = () => {
    const causes = chosen("cause");
    const answerable = chosen("answerable");
    const words = plain(search.value).split(/\\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits =
        (!causes.size || causes.has(row.dataset.cause)) &&
        (!answerable.size || answerable.has(row.dataset.answerable)) &&
        words.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
  };
  const choose = (wanted) => {
    for (const box of boxes) {
      box.checked = box.dataset.filter === "cause" && wanted(box.value);
    }
    search.value = "";
    apply();
  };
  document.getElementById("failures").addEventListener("click", () => choose((value) => value !== "none"));
  document.getElementById("everything").addEventListener("click", () => choose(() => false));
  for (const link of document.querySelectorAll("a[data-show]")) {
    link.addEventListener("click", () => choose((value) => value === link.dataset.show));
  }
  filters.addEventListener("input", apply);
  filters.hidden = false;
  apply();
})();
"""


def style() -> str:
    """Return the style of the page, with a class for the colour of each cause."""
    colours = {"none": WELL_COLOUR} | {cause: explanation.colour for cause, explanation in CAUSES.items()}
    return _STYLE + "".join(f".cause-{cause} {{ --cause: {colour}; }}\n" for cause, colour in colours.items())


def policy() -> str:
    """Return the Content-Security-Policy: nothing is loaded, and no script runs but this one."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
