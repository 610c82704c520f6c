/* What all scripts share: words, elements, calls to the server, and what is said to those who cannot see. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FOLDER, fromServer, open, SCRIPTS } from "./page.mjs";

test("the language is the browser's, German where it names none", async () => {
  const { app, document } = await open({ language: "en-GB" });
  assert.deepEqual([app.german, app.text.cancel, document.documentElement.lang], [false, fromServer.words.en.cancel, "en"]);
  for (const language of ["de", "DE-at", "", undefined]) assert.equal((await open({ language })).app.german, true, language);
});

test("values are put into words as they are", async () => {
  const { app } = await open();
  assert.equal(app.say("mark_of", { number: 2, count: 3 }), "Stelle 2 von 3");
  assert.equal(app.say("mark_of", { number: "$&{count}$1", count: "{number}" }), "Stelle $&{count}$1 von {number}");
  assert.equal(app.say("mark_of", { count: 0 }), "Stelle {number} von 0");
  assert.equal(app.say("mark_of"), "Stelle {number} von {count}");
  assert.equal(app.say("cancel", { cancel: "x" }), app.text.cancel);
});

test("what the scripts say is there in both languages, with the values that they give", () => {
  const code = SCRIPTS.map((name) => readFileSync(FOLDER + name, "utf-8")).join("\n");
  const words = [...code.matchAll(/\bapp\.text\.(\w+)|\bapp\.say\("(\w+)"(?:, \{([^{}]*)\})?/g)];
  assert.ok(words.length > 80);
  for (const [, read, said, values] of words) {
    for (const [language, known] of Object.entries(fromServer.words)) {
      const word = known[read || said];
      assert.ok(word, `${read || said} in ${language}`);
      const wanted = [...word.matchAll(/\{(\w+)\}/g)].map(([, key]) => key);
      const given = said ? wanted.filter((key) => new RegExp(`(^|,)\\s*${key}\\s*(:|,|$)`).test(values || "")) : [];
      assert.deepEqual(given, wanted, `${read || said} in ${language}`);
    }
  }
});

test("all scripts are strict", () => {
  for (const name of SCRIPTS) assert.match(readFileSync(FOLDER + name, "utf-8"), /^(?:\/\*[\s\S]*?\*\/\n)?\(\(\) => \{\n {2}"use strict";\n/, name);
});

test("scripts leave nothing in the page but their one name", async () => {
  const before = new Set(Object.getOwnPropertyNames(globalThis));
  const { window } = await open();
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name)), []);
  assert.deepEqual(Object.keys(window).sort(), ["__gradio_session_hash__", "gradio_config", "quellentreu"]);
});

test("an element is made of text, attributes and elements, never of HTML", async () => {
  const { app } = await open();
  const element = app.make("p", { title: '"><script>' }, "<b>&amp;</b>", app.make("br"), "𝔐");
  assert.equal(element.outerHTML, '<p title="&quot;><script>">&lt;b&gt;&amp;amp;&lt;/b&gt;<br>𝔐</p>');
});

test("a call names the function and the page, and fails where the server refuses", async () => {
  const page = await open({ server: { echo: (data) => ({ data }) } });
  assert.deepEqual(await page.app.call("echo", { text: "🐉" }), { data: { text: "🐉" } });
  assert.deepEqual(await page.app.call("echo"), { data: null });
  await assert.rejects(page.app.call("missing", {}), /^Error: missing: 500$/);
});

test("what cannot be undone is asked for twice, and its name comes back when nobody presses again", async () => {
  const page = await open();
  const button = page.add("button", { "aria-label": "Löschen: Wer?" });
  button.textContent = "Löschen";
  assert.equal(page.app.sure(button, "Wirklich?"), false);
  assert.deepEqual([button.textContent, button.hasAttribute("aria-label")], ["Wirklich?", false]);
  assert.equal(page.find("#q-status").textContent, "Wirklich?");
  assert.equal(page.app.sure(button, "Wirklich?"), true);
  await page.wait(5000);
  assert.deepEqual([button.textContent, button.getAttribute("aria-label")], ["Löschen", "Löschen: Wer?"]);
  assert.equal(page.app.sure(button, "Wirklich?"), false);
});
