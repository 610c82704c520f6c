/* What stands beside the answer: conversations, articles, their map, own files, feedback, questions to click. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, citation, open, sentence, Storage, turn } from "./page.mjs";

const said = (text, more) => answer([sentence(text)], more);
const show = (page, name) => {
  page.app.showPanel(name);
  return page.settle();
};

/* ---- conversations ---- */
const withConversations = async (...questions) => {
  const kept = (question, at) => JSON.stringify({ created: 1, changed: -at, turns: [turn(question, said("Der Vorstand sprach."))] });
  const entries = questions.map((question, at) => [`quellentreu.conversation.${at}`, kept(question, at)]);
  const page = await open({ local: new Storage(Object.fromEntries(entries)) });
  await show(page, "conversations");
  return page;
};
const search = async (page, words) => {
  const box = page.find("#q-kept-words");
  box.value = words;
  box.dispatchEvent({ type: "input" });
  await page.settle();
  return page.all(".q-kept .q-reopen").map((element) => element.textContent);
};

test("conversations are found by all words, in questions, answers and names, whatever their case and form", async () => {
  const page = await withConversations("Wer kündigt?", "Was plant Cambricon 🐉?");
  assert.deepEqual(await search(page, ""), ["Wer kündigt?", "Was plant Cambricon 🐉?"]);
  assert.deepEqual(await search(page, "  KÜNDIGT "), ["Wer kündigt?"]);
  assert.deepEqual(await search(page, "ku\u0308ndigt"), ["Wer kündigt?"]);
  assert.deepEqual(await search(page, "vorstand 🐉"), ["Was plant Cambricon 🐉?"]);
  assert.deepEqual(await search(page, "vorstand fehlt"), []);
  assert.equal(page.find(".q-kept-none").textContent, page.app.text.conversations_unfound);
  assert.deepEqual(await search(page, ".*"), []);
});

test("a title is text in the list of conversations", async () => {
  const page = await withConversations("<img src=x onerror=alert(1)>");
  assert.equal(page.all("#q-conversations img").length, 0);
  assert.equal(page.find(".q-reopen bdi").textContent, "<img src=x onerror=alert(1)>");
});

test("an exported conversation has a file name of letters and digits, never cut within one", async () => {
  const names = { "Wer/was: <ist> das?": "Wer-was-ist-das.md", "???": "quellentreu.md", "../../etc/passwd": "etc-passwd.md" };
  names[`${"a".repeat(59)}𝔐𝔐`] = `${"a".repeat(59)}𝔐.md`;
  for (const [question, name] of Object.entries(names)) {
    const page = await withConversations(question);
    let saved = "";
    page.app.download = (file) => (saved = file);
    await page.click(page.find(".q-kept [data-keep=export]"));
    assert.equal(saved, name);
  }
});

test("a conversation is deleted at the second press only", async () => {
  const page = await withConversations("Wer?");
  const pressed = page.find(".q-kept [data-keep=delete]");
  page.add("button", { class: "q-view", "data-panel": "conversations" });
  await page.click(pressed);
  assert.equal(pressed.textContent, page.app.text.really);
  await page.wait(6000);
  assert.equal(pressed.textContent, page.app.text.delete);
  await page.click(pressed);
  assert.equal(page.app.store.list().length, 1);
  await page.click(pressed);
  assert.equal(page.app.store.list().length, 0);
});

test("a new name is kept with Enter, not with Escape, and not while characters are being composed", async () => {
  const page = await withConversations("Wer?");
  const rename = async (...events) => {
    await page.click(page.find(".q-kept [data-keep=rename]"));
    const box = page.find(".q-name");
    box.value = " Neuer Name ";
    for (const event of events) box.dispatchEvent({ type: "keydown", preventDefault() {}, ...event });
    return page.app.store.read("0").name;
  };
  assert.equal(await rename({ key: "Escape" }), undefined);
  assert.equal(await rename({ key: "Enter", isComposing: true }, { key: "Escape" }), undefined);
  assert.equal(await rename({ key: "Enter" }), "Neuer Name");
});

/* ---- articles ---- */
const FILTER = "quellentreu.filter";

test("what articles a question is restricted to goes along with it and is noted with its answer", async () => {
  const chosen = { source: "IT-Markt", since: "2025-01-01", until: "", path: "", name: "" };
  const page = await open({ session: new Storage({ [FILTER]: JSON.stringify(chosen) }) });
  const filter = { source: "IT-Markt", since: "2025-01-01", until: "", path: "" };
  assert.deepEqual(page.app.filter(), filter);
  assert.deepEqual(JSON.parse(page.app.prepare("Wer?", "", "@library")[2]), filter);
  assert.deepEqual(page.app.filterSent, { number: 1, value: filter, own: false });
  assert.equal(page.find("#q-filter bdi").textContent, "Antworten nur aus: IT-Markt, ab 01.01.2025. Was kein Datum trägt, bleibt weg.");
});

test("without a restriction nothing goes along", async () => {
  for (const kept of ["", "{", "null", "7", "{}"]) {
    const page = await open({ session: new Storage({ [FILTER]: kept }) });
    assert.equal(page.app.filter(), null, kept);
    assert.equal(page.app.prepare("Wer?", "", "@library")[2], "");
    assert.equal(page.find("#q-filter").hidden, true);
  }
});

test("the name of an article that questions are restricted to is text, and taken back with a press", async () => {
  const page = await open();
  const attack = "<b>{date}</b> $&";
  await page.click(page.add("button", { class: "q-lib-only", "data-only": "a.md", "data-name": attack }));
  assert.equal(page.find("#q-filter bdi").textContent, `Antworten nur aus: „${attack}“.`);
  assert.equal(JSON.parse(page.session[FILTER]).path, "a.md");
  assert.equal(page.app.filter().path, "a.md");
  await page.click(page.find(".q-unfilter"));
  assert.equal(page.app.filter(), null);
});

/* ---- the map ---- */
test("the map rings what the last answer cites, where the characters meet, not where they only touch", async () => {
  const list = { html: "", sources: [], dated: false, found: 0, all: 0, next: null };
  const page = await open({ server: { library_map: () => ({ state: "none" }), library_list: () => list } });
  await show(page, "library");
  const place = page.find("#q-map");
  place.dataset.drawn = "";
  page.find("#q-overview").open = true;
  const dots = [["a.md", 0, 3], ["a.md", 0, 4], ["a.md", 22, 30], ["a.md", 23, 30], ["b.md", 0, 99]];
  const group = page.add("g", {}, place);
  for (const [path, start, end] of dots) {
    page.add("i", { class: "q-dot", "data-path": path, "data-start": start, "data-end": end, "data-topic": "1" }, group);
  }
  const topics = page.add("ul", { class: "q-topics" }, place);
  page.add("span", { class: "q-map-here" }, page.add("li", { "data-topic": "1" }, topics));
  page.app.turns = [turn("Wer?", said("Der Vorstand sprach.")), turn("Kaputt?")];
  await show(page, "library");
  const ringed = page.all(".q-dot-on").map(({ dataset }) => [dataset.path, Number(dataset.start), Number(dataset.end)]);
  assert.deepEqual(ringed, [["a.md", 0, 4], ["a.md", 22, 30]]);
  assert.equal(page.find(".q-map-here").textContent, page.app.say("map_here", { count: 2 }));
});

/* ---- own files ---- */
const file = (more) => ({ name: "a.pdf", title: "a.pdf", document: ".uploads/a", pages: null, size: 1500, ...more });
const withFiles = (files, options = {}) => open({ ...options, server: { own_files: () => ({ files, key: "k", part: 1000, accept: "" }) } });

test("own files are listed with pages and size, in the page's language", async () => {
  const files = [file(), file({ title: "<b>T</b>", pages: 1, size: 999 }), file({ title: "", pages: 12, size: 12_345_678 })];
  const german = await withFiles(files);
  const lines = (page) => page.all(".q-own-list .q-byline").map((element) => element.textContent.replaceAll(/\s/g, " "));
  assert.deepEqual(lines(german), ["1,5 kB", "a.pdf · 1 Seite · 1 kB", "a.pdf · 12 Seiten · 12 MB"]);
  assert.deepEqual(german.all(".q-own-list .q-reopen").map((element) => element.textContent), ["a.pdf", "<b>T</b>", "a.pdf"]);
  assert.deepEqual(lines(await withFiles(files.slice(0, 1), { language: "en-GB" })), ["1.5 kB"]);
});

test("whom a question goes to counts only where there are own files, and odd choices do not", async () => {
  const choice = async (files, kept) => (await withFiles(files, { local: new Storage({ "quellentreu.collection": kept }) })).app.sending["@collection"]();
  assert.deepEqual(
    [await choice([file()], "uploads"), await choice([], "uploads"), await choice([file()], "articles"), await choice([file()], "<b>")],
    ["uploads", "all", "articles", "all"],
  );
});

const withNamed = async (kept, { files = [], collections = ["laws", "news"], ...options } = {}) => {
  const page = await open({
    ...options,
    local: new Storage({ ...(kept && { "quellentreu.collection": kept }), ...options.local }),
    server: { own_files: () => ({ files, collections, key: "k", part: 1000, accept: "" }) },
  });
  const boxes = () => page.all(".q-choice input");
  const tick = async (value) => {
    const box = boxes().find((one) => one.value === value);
    box.checked = !box.checked;
    box.dispatchEvent({ type: "change" });
    await page.settle();
  };
  const sent = () => page.app.sending["@collection"]();
  return { page, boxes, tick, sent };
};

test("named collections are offered beside the articles and own files, and any of them can be ticked", async () => {
  const { page, boxes, tick, sent } = await withNamed(null, { files: [file()] });
  assert.deepEqual(boxes().map((one) => [one.type, one.value, one.checked]), ["articles", "laws", "news", "uploads"].map((one) => ["checkbox", one, true]));
  assert.equal(sent(), "all");
  assert.equal(page.find("#q-scope").hidden, true);
  await tick("articles");
  await tick("uploads");
  assert.equal(sent(), "laws,news");
  assert.equal(page.find("#q-scope").hidden, false);
  assert.match(page.find("#q-scope").textContent, /laws, news/);
  await tick("laws");
  await tick("news"); /* the last one stays */
  assert.equal(sent(), "news");
  assert.deepEqual(boxes().map((one) => one.checked), [false, false, true, false]);
  await page.click(page.find(".q-widen"));
  assert.equal(sent(), "all");
  assert.equal(boxes().every((one) => one.checked), true);
});

test("a choice of what is not there any more counts as far as it is there", async () => {
  assert.equal((await withNamed("news,gone")).sent(), "news");
  assert.equal((await withNamed("gone,uploads")).sent(), "all");
  assert.equal((await withNamed("news", { collections: [] })).sent(), "all");
});

test("a conversation goes on with the collections that it has asked", async () => {
  const kept = (asks) => JSON.stringify({ created: 1, changed: 1, turns: [turn("Wer?", said("Er ging."))], asks });
  const local = { "quellentreu.conversation.1": kept("news"), "quellentreu.conversation.2": kept(["x"]) };
  const { page, boxes, tick, sent } = await withNamed("articles", { local });
  assert.equal(sent(), "articles");
  await page.app.openConversation("1");
  assert.equal(sent(), "news");
  assert.deepEqual(boxes().filter((one) => one.checked).map((one) => one.value), ["news"]);
  await tick("laws");
  assert.equal(page.app.store.read("1").asks, "laws,news");
  await page.app.openConversation("2");
  assert.equal(sent(), "laws,news"); /* what is kept there is no choice */
});

test("an answer that did not ask the articles is told apart from one that did", async () => {
  const { page, tick } = await withNamed("news");
  const sent = () => (page.app.sending["@library"](), page.app.filterSent.value);
  assert.equal(sent().collection, "news");
  await tick("articles");
  assert.equal(sent(), null);
});

/* ---- feedback ---- */
const rated = async (turns, number = turns.length) => {
  const page = await open({ server: { feedback: () => ({}) } });
  page.app.turns = turns;
  const place = page.add("section", { class: "q-turn", "data-turn": String(number) });
  await page.click(page.add("button", { class: "q-thumb", "data-thumb": "good" }, place));
  return { page, sent: page.called.find(([name]) => name === "feedback")[1] };
};

test("a thumb sends the answer with the three before it, and is kept with the conversation", async () => {
  const turns = [1, 2, 3, 4, 5].map((at) => turn(`Frage ${at}?`, said(`Antwort ${at}.`)));
  turns.splice(3, 0, turn("Kaputt?"));
  const { page, sent } = await rated(turns);
  assert.deepEqual(sent.history, [2, 3, 4].map((at) => [`Frage ${at}?`, `Antwort ${at}.`]));
  assert.deepEqual([sent.verdict, sent.own, sent.filter], ["good", false, {}]);
  assert.match(sent.id, /^feedback-[0-9a-f]{32}$/);
  assert.deepEqual(page.app.store.list()[0].turns[5].feedback, { id: sent.id, verdict: "good" });
});

test("who changes his mind about an answer sends the same name for it again, and not what he thought before", async () => {
  const { sent } = await rated([turn("Wer?", said("Der Vorstand sprach."), { feedback: { id: "feedback-1", verdict: "bad" } })]);
  assert.equal(sent.id, "feedback-1");
  assert.equal("feedback" in sent.record, false);
});

test("own files are told apart, also where only an earlier answer cites them", async () => {
  const own = { citations: [citation({ path: ".uploads/a" })] };
  assert.equal((await rated([turn("Wer?", said("Der Vorstand sprach.", own)), turn("Was?", said("Er ging."))])).sent.own, true);
  assert.equal((await rated([turn("Wer?", said("Der Vorstand sprach."), { own: true })])).sent.own, true);
  const named = { citations: [citation({ path: "x/.uploads/a" })] };
  assert.equal((await rated([turn("Wer?", said("Der Vorstand sprach.", named))])).sent.own, false);
});

/* ---- questions to click ---- */
test("instead of an answer, questions about the nearest articles are offered, as text", async () => {
  const page = await open({ server: { suggestions: () => ({ questions: ["<b>Wer?</b>", "Was?", "Wo?", "Wann?"] }) } });
  const evidence = [["a.md", 1], ["b.md", 3], ["a.md", 2]].map(([path, score]) => ({ path, score }));
  const none = said("Nichts.", { abstained: true, evidence });
  page.app.turns = [turn("Wie?", none)];
  await page.app.offerInstead(none);
  assert.deepEqual(page.called.at(-1), ["suggestions", { paths: ["b.md", "a.md"], asked: ["Wie?"], language: "de" }]);
  assert.deepEqual(page.all("#q-instead .q-example").map((element) => element.textContent), ["<b>Wer?</b>", "Was?", "Wo?"]);
  assert.equal(page.all("#q-instead b").length, 0);
});

test("questions that are offered already stay where they are", async () => {
  let questions = ["A?", "B?"];
  const page = await open({ server: { suggestions: () => ({ questions }) } });
  const offered = () => page.all("#q-suggestions .q-example").map((element) => element.textContent);
  assert.deepEqual(offered(), ["A?", "B?"]);
  questions = ["C?", "B?", "A?", "D?", "E?", "F?"];
  await page.wait(5000);
  assert.deepEqual(offered(), ["A?", "B?", "C?", "D?", "E?"]);
});
