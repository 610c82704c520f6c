/* Answers as plain text, as HTML and as Markdown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, citation, fromServer, open, sentence, turn } from "./page.mjs";

const SOURCE = "— Artikel (a.md, 3–23)";
const conversation = (...turns) => ({ created: 0, name: "", turns });

test("a sentence in the source's words is followed by its source, without its quotation", async () => {
  const { app } = await open();
  const said = answer([sentence("Der Vorstand sprach.")]);
  assert.equal(app.asText(turn("Wer?", said)), `Der Vorstand sprach.\n${SOURCE}`);
});

test("a sentence worded otherwise has its quotation beside it", async () => {
  const { app } = await open();
  const said = answer([sentence("Es sprach der Vorstand.")]);
  assert.equal(app.asText(turn("Wer?", said)), "Es sprach der Vorstand.\n— „Der Vorstand sprach.“ Artikel (a.md, 3–23)");
});

test("an ellipsis for what was left out does not make a quotation of its own", async () => {
  const { app } = await open();
  const said = answer([sentence("… Vorstand sprach.")]);
  assert.equal(app.asText(turn("Wer?", said)), `… Vorstand sprach.\n${SOURCE}`);
});

test("a question without an answer, and an answer without sentences, are their own text", async () => {
  const { app } = await open();
  assert.equal(app.asText(turn("Wer?")), "Wer?");
  assert.equal(app.asText(turn("Wer?", answer([], { answer: "Dazu steht nichts." }))), "Dazu steht nichts.");
  assert.equal(app.asHtml(turn("Wer <b>?")), "<p>Wer &lt;b&gt;?</p>");
  assert.equal(app.asText(turn("", null)), "");
});

test("an answer of which everything was withdrawn is its own text", async () => {
  const { app } = await open();
  const said = answer([sentence("Falsch.", { status: "withdrawn" })], { answer: "Dazu steht nichts." });
  assert.equal(app.asText(turn("Wer?", said)), "Dazu steht nichts.");
  assert.match(app.asMarkdown(conversation(turn("Wer?", said))), /\nDazu steht nichts\\\.\n/);
});

test("offsets of bold words count code points, not the browser's units", async () => {
  const { app } = await open();
  const text = "😀𝔐 stieg um 👩‍💻 vier.";
  const start = [...text].indexOf("v");
  const said = answer([sentence(text, { emphasis: [[0, 2], [start, start + 4]] })]);
  const html = app.asHtml(turn("Wer?", said));
  assert.ok(html.startsWith("<p><strong>😀𝔐</strong> stieg um 👩‍💻 <strong>vier</strong>."), html);
  assert.ok(html.isWellFormed?.() ?? true);
});

test("bold ranges that overlap, are out of order or reach too far leave every character where it is", async () => {
  const { app } = await open();
  const text = "Ein 🐉 Satz.";
  const ranges = [[[4, 99]], [[4, 5], [0, 5]], [[6, 10], [0, 3]], [[3, 3]], [[50, 60]], [[5, 2]]];
  for (const emphasis of ranges) {
    const html = app.asHtml(turn("Wer?", answer([sentence(text, { emphasis })])));
    assert.equal(html.split("<br>")[0].replace(/<\/?(p|strong)>/g, ""), text, JSON.stringify(emphasis));
  }
});

test("text of a source is never HTML", async () => {
  const { app } = await open();
  const attack = '<img src=x onerror="alert(1)">&<script>alert(1)</script>';
  const said = answer([sentence(attack, { emphasis: [[0, 4]] })], { citations: [citation({ title: attack, path: attack, quote: "x" })] });
  const html = app.asHtml(turn("Wer?", said));
  assert.deepEqual([...new Set(html.match(/<\/?[a-z]+/g))].sort(), ["</p", "</strong", "<br", "<p", "<strong"]);
});

test("text of a source is never Markdown", async () => {
  const { app } = await open();
  const attack = "# *fett* [Verweis](javascript:x) `code` <b>|~~weg~~| $x^2$ &amp; !\\";
  const said = answer([sentence(attack)], { citations: [citation({ title: attack })] });
  const lines = app.asMarkdown(conversation(turn(attack, said))).split("\n");
  const bare = lines.filter((line) => line.includes("fett")).map((line) => line.replace(/^#+ |^\d+\. /, ""));
  assert.equal(bare.length, 4);
  for (const line of bare) assert.doesNotMatch(line.replace(/ \[1\]$/, "").replace(/\\./g, ""), /[\\`*_{}[\]<>#|~$&!]/);
});

test("a sentence that begins like an item of a numbered list is none in Markdown", async () => {
  const { app } = await open();
  for (const text of ["1. Erstens gilt das.", "1) Erstens gilt das.", "12) Zwölftens.", "- Punkt.", "+ Punkt."]) {
    const markdown = app.asMarkdown(conversation(turn("Wer?", answer([sentence(text)]))));
    assert.doesNotMatch(markdown.split("## Wer?")[1].split("[1]")[0], /^\s*(\d+[.)]|[-+*])\s/m, text);
  }
});

test("line breaks in texts begin no new line, and no new block of Markdown", async () => {
  const { app } = await open();
  const said = answer([sentence("Ein\r\n\r\n# Satz.")], { citations: [citation({ quote: "Ein\r\n\r\n# Satz." })] });
  assert.equal(app.asText(turn("Wer?", said)), `Ein # Satz.\n${SOURCE}`);
  const separated = turn("Wer?", answer([sentence("Ein\u2028langer\u2029Satz.", { emphasis: [[0, 10]] })]));
  assert.match(app.asMarkdown(conversation(separated)), /Ein\u2028langer\*\*\u2029Satz\\\./);
  assert.match(app.asMarkdown(conversation(turn("Wer\n# Titel?", said))), /\n## Wer \\# Titel\?\n\nEin \\# Satz\\\. \[1\]\n/);
});

test("bold signs stand around whole words only, whatever their letters", async () => {
  const { app } = await open();
  const marked = (text, ...emphasis) => {
    const markdown = app.asMarkdown(conversation(turn("Wer?", answer([sentence(text, { emphasis })]))));
    return markdown.split("\n").find((line) => line.endsWith(" [1]")).slice(0, -4);
  };
  assert.equal(marked("rund 60 Firmen", [5, 14]), "rund **60 Firmen**");
  assert.equal(marked("rund 60 Firmen", [4, 14]), "rund **60 Firmen**");
  assert.equal(marked("Milliardenhilfe", [0, 10]), "Milliardenhilfe");
  assert.equal(marked("Milliardenhilfe", [10, 15]), "Milliardenhilfe");
  assert.equal(marked("𝔐𝔐𝔐", [1, 2]), "𝔐𝔐𝔐");
  assert.equal(marked("a  b", [1, 3]), "a  b");
});

test("what is supported in part, or not at all, says so", async () => {
  const { app } = await open();
  const said = answer([sentence("Der Vorstand sprach.", { status: "marked" }), sentence("Ohne Beleg.", { status: "marked", citations: [] })]);
  const text = app.asText(turn("Wer?", said));
  assert.equal(text, `Der Vorstand sprach. (teilweise belegt)\n${SOURCE}\n\nOhne Beleg. (nicht belegt)`);
});

test("a translation stands below, apart from the source's words", async () => {
  const { app } = await open({ language: "en-GB" });
  const said = answer([sentence("Der Vorstand sprach."), sentence("The board spoke.", { wording: "model", citations: [] })]);
  const text = app.asText(turn("Who?", said));
  assert.match(text, /^Der Vorstand sprach\.\n— .*\n\nMachine translation.*:\nThe board spoke\.$/);
  assert.match(app.asMarkdown(conversation(turn("Who?", said))), /\n> _.*:_ The board spoke\\\.\n/);
});

test("context stands before its sentence, a heading on a line of its own", async () => {
  const { app } = await open();
  const context = (text) => sentence(text, { role: "context", citations: [] });
  const together = answer([context("Er kam."), sentence("Der Vorstand sprach.")]);
  assert.equal(app.asText(turn("Wer?", together)), `Er kam. Der Vorstand sprach.\n${SOURCE}`);
  const headed = answer([context("Vorstand"), sentence("Der Vorstand sprach.")]);
  assert.equal(app.asText(turn("Wer?", headed)), `Vorstand\nDer Vorstand sprach.\n${SOURCE}`);
  assert.match(app.asHtml(turn("Wer?", headed)), /^<p>Vorstand<br>Der Vorstand sprach\.<br>/);
});

test("a source names its page, its label, the other documents, and that a machine read it", async () => {
  const { app } = await open();
  const where = (more) => app.asText(turn("Wer?", answer([sentence("Der Vorstand sprach.")], { citations: [citation(more)] }))).split("\n")[1];
  assert.equal(where({ page: 4 }), "— Artikel (a.md, Seite 4, 3–23)");
  assert.equal(where({ page: 4, page_label: "iv" }), "— Artikel (a.md, Seite iv (4. der Datei), 3–23)");
  assert.equal(where({ also_in: ["b.md", "c.md"] }), "— Artikel (a.md, 3–23, auch in b.md, c.md)");
  assert.equal(where({ page: 1, machine_read: true }), "— Artikel (a.md, Seite 1, 3–23, von einer Maschine gelesen)");
});

test("a page's label is shown as it is, even where it looks like a place for a value", async () => {
  const { app } = await open();
  const said = answer([sentence("Der Vorstand sprach.")], { citations: [citation({ page: 4, page_label: "{page}$&" })] });
  assert.match(app.asText(turn("Wer?", said)), /Seite \{page\}\$& \(4\. der Datei\)/);
});

test("an answer kept by an older version has no more than it had", async () => {
  const { app } = await open();
  const old = {
    answer: "Der Vorstand sprach.",
    abstained: false,
    sentences: [{ text: "Der Vorstand sprach.", status: "kept", citations: [0] }],
    citations: [{ path: "a.md", title: "Artikel", quote: "Der Vorstand sprach.", start: 3, end: 23 }],
    evidence: [],
  };
  assert.equal(app.asText(turn("Wer?", old)), `Der Vorstand sprach.\n${SOURCE}`);
  assert.match(app.asHtml(turn("Wer?", old)), /^<p>Der Vorstand sprach\.<br>— Artikel/);
  assert.match(app.asMarkdown(conversation(turn("Wer?", old))), /\nDer Vorstand sprach\\\. \[1\]\n\n1\. Artikel/);
});

test("a number that points to no citation is left out", async () => {
  const { app } = await open();
  const said = answer([sentence("Der Vorstand sprach.", { citations: [7, 0, -1] })]);
  assert.equal(app.asText(turn("Wer?", said)), `Der Vorstand sprach.\n${SOURCE}`);
  assert.match(app.asMarkdown(conversation(turn("Wer?", said))), /sprach\\\. \[1\]\n/);
});

test("Markdown has all questions, also those that failed, and what was not answered", async () => {
  const { app } = await open();
  const failed = turn("Warum?", null, { state: "failed", error: "Kein * Modell." });
  const stopped = turn("Wann?", null, { state: "stopped" });
  const partly = turn("Wer und was?", answer([sentence("Der Vorstand sprach.", { listed: true })], { unanswered: ["und _was_?", "Über AMD steht nichts in den Artikeln."] }));
  const markdown = app.asMarkdown({ created: Date.UTC(2026, 0, 2), name: "Mein *Name*", turns: [failed, stopped, partly] });
  assert.ok(markdown.startsWith("# Mein \\*Name\\*\n\nGefragt am 2.1.2026"), markdown);
  assert.match(markdown, /## Warum\?\n\n_Kein \\\* Modell\\\._\n/);
  assert.match(markdown, /## Wann\?\n\n_Angehalten/);
  assert.match(markdown, /\n- Der Vorstand sprach\\\. \[1\]\n/);
  assert.match(markdown, /_Dazu enthalten die Quellen nichts: und \\_was\\_\?_/);
  assert.match(markdown, /\n_Über AMD steht nichts in den Artikeln\\\._\n/);
});

test("where a text ends is told as the server tells it", async () => {
  const { app } = await open();
  for (const [ending, ended] of fromServer.endings) {
    const said = answer([sentence(`Wort${ending}`, { role: "context", citations: [] }), sentence("Schluss.", { citations: [] })]);
    const between = app.asText(turn("Wer?", said)).slice(0, -"Schluss.".length);
    assert.equal(!between.endsWith("\n"), ended, JSON.stringify(ending));
  }
});

test("sentences are put together as the server puts them", async () => {
  const { app } = await open();
  for (const [roles, units] of fromServer.units) {
    const said = answer(roles.map((role, number) => sentence(`Satz ${number}.`, { role, citations: [] })));
    assert.deepEqual(app.asText(turn("Wer?", said)).split("\n\n"), units.map((unit) => unit.join(" ")));
  }
});

test("what the server sends of an answer is exported whole", async () => {
  const { app } = await open();
  assert.ok(fromServer.records.length >= 5);
  for (const record of fromServer.records) {
    const text = app.asText(record);
    const shown = record.answer.sentences.filter((item) => item.status !== "withdrawn" && !record.answer.abstained);
    for (const item of shown) assert.ok(text.includes(item.text.replace(/\s*[\r\n]+\s*/g, " ")), item.text);
    const emphasised = ({ text, emphasis }) => emphasis.map(([start, end]) => [...text].slice(start, end).join(""));
    const bold = shown.filter((item) => item.wording === "source").flatMap(emphasised);
    const html = app.asHtml(record);
    for (const words of bold) assert.ok(html.includes(`<strong>${words}</strong>`), words);
    assert.ok(app.asMarkdown(conversation(record)).includes(`## ${record.question}`));
  }
});

test("what cannot be written to the clipboard is selected and copied the old way", async () => {
  const page = await open();
  assert.equal(await page.app.copy("Text 🐉"), true);
  assert.deepEqual(page.called.at(-1), ["clipboard", "Text 🐉"]);
  const denied = await open({ clipboard: false });
  let copied = "";
  denied.document.execCommand = () => ((copied = denied.find("body").lastElementChild.value), true);
  assert.equal(await denied.app.copy("Text 🐉", "<p>Text</p>"), true);
  assert.equal(copied, "Text 🐉");
  assert.equal(denied.all("body > textarea").length, 0);
});
