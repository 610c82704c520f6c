/* What is kept in the browser: conversations, old ones, damaged ones, and a storage that is full or closed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, open, sentence, Storage, turn } from "./page.mjs";

const PREFIX = "quellentreu.conversation.";
const said = answer([sentence("Der Vorstand sprach.")]);
const kept = (question, changed = 1, more = {}) => JSON.stringify({ created: 1, changed, name: "", turns: [turn(question, said)], ...more });
const titles = ({ app }) => app.store.list().map(app.store.title);

test("what is kept is listed, newest first, and read back as it was", async () => {
  const page = await open();
  const { store } = page.app;
  store.keep([turn("Erste 🐉?", said)]);
  const first = store.current;
  await page.wait(1000);
  store.begin();
  store.keep([turn("Zweite?", said)]);
  assert.notEqual(store.current, first);
  assert.deepEqual(titles(page), ["Zweite?", "Erste 🐉?"]);
  assert.deepEqual(store.read(first).turns, [turn("Erste 🐉?", said)]);
});

test("a conversation that goes on keeps its name and the time it began", async () => {
  const page = await open();
  const { store } = page.app;
  store.keep([turn("Erste?", said)]);
  const { created } = store.read(store.current);
  store.rename(store.current, "Mein Gespräch");
  await page.wait(5000);
  store.keep([turn("Erste?", said), turn("Zweite?", said)]);
  const now = store.read(store.current);
  assert.deepEqual([now.name, now.created, now.changed, now.turns.length], ["Mein Gespräch", created, created + 5000, 2]);
  assert.equal(store.list().length, 1);
});

test("what is damaged, or of another shape, is passed over and left alone", async () => {
  const bad = ["", "{", "null", "[]", "7", "{}", '{"turns":[]}', '{"turns":"x"}', '{"turns":[null]}', '{"turns":[{"question":7}]}'];
  const shapeless = ['{"turns":[{"question":"?","answer":{}}]}', '{"turns":[{"question":"?","answer":{"sentences":"x"}}]}'];
  const entries = Object.fromEntries([...bad, ...shapeless].map((text, at) => [`${PREFIX}${at}`, text]));
  const local = new Storage({ ...entries, [`${PREFIX}good`]: kept("Wer?"), "other.conversation": kept("Fremd?") });
  const page = await open({ local });
  assert.deepEqual(titles(page), ["Wer?"]);
  assert.equal(page.app.store.read("0"), null);
  assert.equal(page.app.store.read("missing"), null);
  assert.equal(Object.keys(local).length, bad.length + shapeless.length + 2);
});

test("a conversation of an older version, without a name, is listed and exported", async () => {
  const old = JSON.stringify({ created: 1, changed: 2, turns: [{ question: "Alt?", answer: null }, { question: "Und?" }] });
  const page = await open({ local: new Storage({ [`${PREFIX}1`]: old }) });
  assert.deepEqual(titles(page), ["Alt?"]);
  assert.match(page.app.asMarkdown(page.app.store.read("1")), /## Alt\?\n\n_Angehalten.*\n\n## Und\?/s);
});

test("the id is that of the key, whatever stands in the entry", async () => {
  const page = await open({ local: new Storage({ [`${PREFIX}1`]: kept("Wer?", 1, { id: "2" }), [`${PREFIX}2`]: kept("Was?", 2) }) });
  assert.deepEqual(page.app.store.list().map((item) => item.id), ["2", "1"]);
});

test("an empty or odd name gives back the first question", async () => {
  const { app } = await open();
  const title = (name) => app.store.title({ name, turns: [turn("Wer?")] });
  assert.deepEqual(["", "  ", null, undefined, 7, {}, " Name "].map(title), [...Array(6).fill("Wer?"), "Name"]);
});

test("a hundred conversations are kept, the oldest is forgotten first", async () => {
  const entries = Array.from({ length: 100 }, (_, at) => [`${PREFIX}${at}`, kept(`Frage ${at}?`, at)]);
  const page = await open({ local: new Storage(Object.fromEntries(entries)) });
  page.app.store.keep([turn("Neu?", said)]);
  const all = titles(page);
  assert.deepEqual([all.length, all[0], all.at(-1)], [100, "Neu?", "Frage 1?"]);
});

test("a full storage forgets what is oldest, and no more than it must", async () => {
  const entries = Object.fromEntries([1, 2, 3].map((at) => [`${PREFIX}${at}`, kept(`Frage ${at}?`, at)]));
  const used = Object.entries(entries).flat().join("").length;
  const page = await open({ local: new Storage(entries, { room: used + 100 }) });
  page.app.store.keep([turn("Neu?", said)]);
  assert.deepEqual(titles(page), ["Neu?", "Frage 3?", "Frage 2?"]);
});

test("what does not fit at all takes nothing else with it", async () => {
  const entries = Object.fromEntries([1, 2].map((at) => [`${PREFIX}${at}`, kept(`Frage ${at}?`, at)]));
  const page = await open({ local: new Storage(entries, { room: 2000 }) });
  page.app.store.keep([turn("x".repeat(4000), said)]);
  assert.deepEqual(titles(page), ["Frage 2?", "Frage 1?"]);
});

test("a closed storage keeps nothing and breaks nothing", async () => {
  const closed = () => new Storage({}, { closed: true });
  const page = await open({ local: closed(), session: closed() });
  const { store } = page.app;
  store.keep([turn("Wer?", said)]);
  store.pending({ question: "Wer?" });
  store.open("1");
  store.begin();
  assert.deepEqual([store.works, store.list(), store.takePending(), store.last()], [false, [], null, ""]);
  page.app.drawConversations();
  assert.equal(page.find("#q-conversations .q-note").textContent, page.app.text.conversations_off);
});

test("a conversation that another window removed is not written anew by its new name", async () => {
  const page = await open({ local: new Storage({ [`${PREFIX}1`]: kept("Wer?") }) });
  delete page.local[`${PREFIX}1`];
  page.app.store.rename("1", "Name");
  assert.deepEqual(Object.keys(page.local), []);
});

test("removing all conversations leaves what else is stored", async () => {
  const local = new Storage({ [`${PREFIX}1`]: kept("Wer?"), [`${PREFIX}2`]: "{", "quellentreu.collection": "all", other: "x" });
  const page = await open({ local });
  page.app.store.removeAll();
  assert.deepEqual(Object.keys(local).sort(), ["other", "quellentreu.collection"]);
});

test("a question under way is taken up once", async () => {
  const { app } = await open();
  app.store.pending({ question: "Wer?", number: 2 });
  assert.deepEqual(app.store.takePending(), { question: "Wer?", number: 2 });
  assert.equal(app.store.takePending(), null);
});

test("a question under way that is damaged is no question", async () => {
  for (const text of ["{", "null", "7", '"Wer?"', '{"question":7}', "{}"]) {
    const page = await open({ session: new Storage({ "quellentreu.pending": text }) });
    assert.deepEqual([page.app.turns, page.app.isBusy()], [[], false], text);
  }
});

test("the conversation of a window comes back with a reload", async () => {
  const local = new Storage({ [`${PREFIX}1`]: kept("Wer?") });
  const page = await open({ local, session: new Storage({ "quellentreu.current": "1" }) });
  assert.deepEqual(page.app.turns.map((item) => item.question), ["Wer?"]);
  assert.equal(page.app.store.current, "1");
  assert.deepEqual(page.called.find(([name]) => name === "restore")[1], { records: [turn("Wer?", said)] });
});

test("a conversation that the server refuses to restore stays in the list", async () => {
  const refuse = () => {
    throw new Error("400");
  };
  const local = new Storage({ [`${PREFIX}1`]: kept("Wer?") });
  const page = await open({ local, session: new Storage({ "quellentreu.current": "1" }), server: { restore: refuse } });
  assert.deepEqual([page.app.turns, titles(page)], [[], ["Wer?"]]);
});

test("a question that a reload interrupted is asked again, one of a restored window only shown", async () => {
  const before = () => ({
    local: new Storage({ [`${PREFIX}1`]: kept("Wer?") }),
    session: new Storage({ "quellentreu.current": "1", "quellentreu.pending": '{"question":"Und was?","number":2}' }),
  });
  const again = await open({ ...before(), navigation: "reload", asking: true });
  assert.deepEqual(again.asked, ["Und was?"]);
  assert.equal(again.app.turns.length, 1);
  const shown = await open({ ...before(), asking: true });
  assert.deepEqual(shown.asked, []);
  assert.deepEqual(shown.app.turns.map(({ question, state }) => [question, state]), [["Wer?", "done"], ["Und was?", "failed"]]);
  assert.equal(shown.app.store.read("1").turns[1].error, shown.app.text.interrupted);
});

test("each of the app's users has conversations of his own in one browser", async () => {
  const anna = "quellentreu-user=0123456789abcdef";
  const bert = "x=1; quellentreu-user=fedcba9876543210; y=2";
  const local = new Storage({ [`${PREFIX}1`]: kept("Ohne Namen?") });
  const session = new Storage();
  const titlesOf = async (cookie) => titles(await open({ cookie, local, session }));
  assert.deepEqual(await titlesOf(anna), []);
  const page = await open({ cookie: anna, local, session });
  page.app.store.keep([turn("Annas?", said)]);
  assert.deepEqual(await titlesOf(anna), ["Annas?"]);
  assert.equal((await open({ cookie: bert, local, session })).app.store.last(), "");
  assert.deepEqual(await titlesOf(bert), []);
  const nobody = await open({ local, session });
  assert.deepEqual(titles(nobody), ["Ohne Namen?"]);
  nobody.app.store.removeAll();
  assert.deepEqual(await titlesOf(anna), ["Annas?"]);
  assert.deepEqual(await titlesOf("quellentreu-user=../../x"), []);
});
