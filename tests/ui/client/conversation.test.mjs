/* What goes along with a question, and the questions that are not sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, open, sentence, turn } from "./page.mjs";

const said = (text) => answer([sentence(text)]);
const context = (sent) => JSON.parse(sent[1]);

test("a question is sent trimmed, with its number and a token of its own", async () => {
  const { app } = await open();
  const sent = app.prepare("  Wer sprach? \n", "", "x");
  assert.deepEqual([sent[0], sent[2]], ["Wer sprach?", "x"]);
  assert.deepEqual(Object.keys(context(sent)), ["number", "token", "history", "fresh", "kind"]);
  assert.deepEqual([context(sent).number, context(sent).history, context(sent).fresh], [1, [], false]);
  assert.match(context(sent).token, /^\d+-\d+$/);
  assert.ok(app.isBusy());
});

test("nothing is sent for an empty question, or while another is under way", async () => {
  const { app } = await open();
  for (const empty of ["", "  \n", undefined, null]) assert.deepEqual(app.prepare(empty, "", "x"), ["", "", "x"]);
  app.prepare("Wer?", "");
  assert.deepEqual(app.prepare("Was?", ""), ["", ""]);
});

test("the last three answers go along, and of what failed nothing", async () => {
  const { app } = await open();
  app.turns = [1, 2, 3, 4].map((at) => turn(`Frage ${at}?`, said(`Antwort ${at}.`)));
  app.turns.splice(3, 0, turn("Kaputt?", null, { state: "failed" }));
  const sent = context(app.prepare("Und dann?", ""));
  assert.deepEqual(sent.history, [2, 3, 4].map((at) => [`Frage ${at}?`, `Antwort ${at}.`]));
  assert.equal(sent.number, 6);
});

test("a question asked once more is understood from what stood before it", async () => {
  const page = await open({ asking: true });
  page.app.turns = [1, 2, 3].map((at) => turn(`Frage ${at}?`, said(`Antwort ${at}.`)));
  page.app.ask("Frage 2?", { fresh: true, after: 1 });
  const [, sent] = page.sent.at(-1);
  assert.deepEqual([JSON.parse(sent).history, JSON.parse(sent).fresh], [[["Frage 1?", "Antwort 1."]], true]);
});

test("a value that begins with @ is asked of the panel, one that nobody knows is empty", async () => {
  const { app } = await open();
  app.sending["@mine"] = () => "meins";
  assert.deepEqual(app.prepare("Wer?", "", "@mine", "@unknown", 7).slice(2), ["meins", "", 7]);
});

test("the length of a question is counted in code points, as the server counts it", async () => {
  const page = await open({ longest: "5" });
  assert.equal(page.app.prepare("😀😀😀😀😀", "")[0], "😀😀😀😀😀");
  const other = await open({ longest: "5" });
  assert.deepEqual(other.app.prepare("😀😀😀😀😀😀", ""), ["", ""]);
  assert.equal(other.find("#q-notice").textContent, other.app.say("too_long", { count: 6, limit: 5 }));
  const unbounded = await open({ longest: "0" });
  assert.equal(unbounded.app.prepare("x".repeat(9000), "")[0].length, 9000);
});

test("a question from a link is filled in, cut between characters, and not asked", async () => {
  const question = `${"a".repeat(3999)}😀😀`;
  const page = await open({ search: `?q=${encodeURIComponent(question)}&x=1`, asking: true });
  assert.equal(page.find("#q-question textarea").value.replace(/^a{3999}/, ""), "😀");
  assert.equal(page.location.href, "http://localhost/?x=1");
  assert.deepEqual(page.asked, []);
});

test("a hostile question from a link stays text", async () => {
  const attack = "<img src=x onerror=alert(1)>";
  const page = await open({ search: `?q=${encodeURIComponent(attack)}` });
  assert.equal(page.find("#q-question textarea").value, attack);
  assert.equal(page.find("#q-notice").textContent, page.app.text.link_filled);
});

test("what the page itself breaks off is kept with the reason, and its question stays text", async () => {
  const page = await open();
  page.app.prepare("<b>Wer?</b>", "");
  page.app.breakOff("Weg.", "Starten.");
  assert.deepEqual(page.app.turns, [{ question: "<b>Wer?</b>", state: "failed", error: "Weg. Starten.", answer: null }]);
  assert.equal(page.find("#q-turns h2").innerHTML, "&lt;b&gt;Wer?&lt;/b&gt;");
  assert.equal(page.app.isBusy(), false);
  assert.equal(page.app.store.list().length, 1);
  page.app.breakOff("Weg.", "");
  assert.equal(page.app.turns.length, 1);
});

test("copying takes what is exported, a link takes the question alone", async () => {
  const page = await open();
  page.app.turns = [turn("Wer & was?", said("Der Vorstand sprach."))];
  const place = page.add("section", { class: "q-turn", "data-turn": "1" });
  const button = (action) => page.add("button", { class: "q-action", "data-action": action }, place);
  await page.click(button("copy"));
  assert.deepEqual(page.called.at(-1), ["clipboard", page.app.asText(page.app.turns[0])]);
  await page.click(button("link"));
  assert.deepEqual(page.called.at(-1), ["clipboard", "http://localhost/?q=Wer+%26+was%3F"]);
});

test("a receipt is made by the server of what was kept, and named after the question", async () => {
  const page = await open({ server: { receipt: ({ record }) => ({ html: `<p>${record.question}</p>`, error: "" }) } });
  const saved = [];
  page.app.download = (...file) => saved.push(file);
  page.app.turns = [{ ...turn("Wer & <was>/../?", said("Der Vorstand sprach.")), filter: { source: "x" } }];
  const place = page.add("section", { class: "q-turn", "data-turn": "1" });
  const button = page.add("button", { class: "q-action", "data-action": "receipt" }, place);
  await page.click(button);
  assert.deepEqual(page.called.at(-1)[0], "receipt");
  assert.deepEqual(Object.keys(page.called.at(-1)[1].record).sort(), ["answer", "error", "question", "state"]);
  assert.deepEqual(saved, [["beleg-Wer-was.html", "<p>Wer & <was>/../?</p>", "text/html"]]);
  assert.equal(button.textContent, page.app.text.receipt_saved);
});

test("a receipt that cannot be made says why, and so does a server that is gone", async () => {
  for (const [server, words] of [[{ receipt: () => ({ html: "", error: "Geändert." }) }, () => "Geändert."], [{}, (app) => app.text.lost]]) {
    const page = await open({ server });
    page.app.download = () => assert.fail("saved");
    page.app.turns = [turn("Wer?", said("Der Vorstand sprach."))];
    const place = page.add("section", { class: "q-turn", "data-turn": "1" });
    await page.click(page.add("button", { class: "q-action", "data-action": "receipt" }, place));
    assert.equal(page.find("#q-notice").textContent, words(page.app));
  }
});

test("the last question is answered anew in its place, an earlier one at the end", async () => {
  const page = await open({ asking: true });
  page.app.turns = [1, 2].map((at) => turn(`Frage ${at}?`, said(`Antwort ${at}.`)));
  const place = page.add("section", { class: "q-turn", "data-turn": "1" });
  await page.click(page.add("button", { class: "q-action", "data-action": "retry" }, place));
  const early = JSON.parse(page.sent.at(-1)[1]);
  assert.deepEqual([early.number, early.history], [3, []]);
  page.app.breakOff("Weg.", "");
  page.app.turns.length = 2;
  place.dataset.turn = "2";
  await page.click(page.add("button", { class: "q-action", "data-action": "retry" }, place));
  const sent = JSON.parse(page.sent.at(-1)[1]);
  assert.deepEqual([sent.number, sent.history], [2, [["Frage 1?", "Antwort 1."]]]);
});

test("Escape ends editing before it ends an answer", async () => {
  const page = await open();
  page.app.turns = [turn("Wer?", said("Der Vorstand sprach."))];
  const place = page.add("section", { class: "q-turn", "data-turn": "1" });
  await page.click(page.add("button", { class: "q-action", "data-action": "edit" }, place));
  assert.equal(page.find("#q-question textarea").value, "Wer?");
  page.hear("keydown", { key: "Escape", isComposing: true, target: page.find("main") });
  assert.equal(page.find("#q-question textarea").value, "Wer?");
  page.hear("keydown", { key: "Escape", target: page.find("main") });
  assert.equal(page.find("#q-question textarea").value, "");
});
