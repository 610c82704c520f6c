/* What is marked in an opened article, on its pages too, and how one steps from mark to mark. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./page.mjs";

/* An answer with numbers, `[path, mark, start, end, sentence]` each, and what the server says of the article: the keys
   of `drawn` are those of its marks in the order of the text; an element has several where passages overlap. */
const NUMBERS = [["a.md", "c10", 50, 60, 1], ["a.md", "c2", 5, 9, 1], ["b.md", "c0", 0, 4, 1], ["a.md", "c1", 20, 30, 2]];
const withNumbers = async ({ marks = [], drawn = [], refused = false, sheet = null, later = () => {} } = {}) => {
  const article = async ({ path }) => {
    await later(path);
    return { html: "<article>", marks };
  };
  const page = await open({ server: { ...(!refused && { article }), ...(sheet && { sheet }) } });
  const { make } = page;
  page.add("button", { class: "q-back" });
  const steps = page.add("div", { class: "q-steps" });
  page.add("span", { class: "q-place" }, steps);
  const [back, on] = [-1, 1].map((step) => page.add("button", { class: "q-step", "data-step": step }, steps));
  const place = page.add("section", { class: "q-turn", "data-turn": "1" });
  const sentences = new Map();
  const buttons = NUMBERS.map(([path, mark, start, end, sentence]) => {
    if (!sentences.has(sentence)) sentences.set(sentence, page.add("span", { class: "q-sentence" }, place));
    const attributes = { class: "q-cite", "data-path": path, "data-mark": mark, "data-start": start, "data-end": end, "data-quote": `„${mark}“` };
    return page.add("button", attributes, sentences.get(sentence));
  });
  page.document.drawn.set("<article>", () => [
    make("article", {}, ...drawn.map((keys) => make("mark", { "data-marks": keys })), ...(sheet ? [make("div", { id: "q-page" })] : [])),
  ]);
  const lit = (name) => page.all(`#q-opened mark.${name}`).map((mark) => mark.dataset.marks);
  const sent = (name) => page.called.filter(([other]) => other === name).map(([, data]) => data);
  return { page, buttons, back, on, lit, sent, at: () => page.find(".q-place").textContent };
};

test("an article is opened with all that the answer cites of it, in the order of the numbers", async () => {
  const { page, buttons, sent } = await withNumbers();
  await page.click(buttons[0]);
  const spans = [["c1", 20, 30], ["c2", 5, 9], ["c10", 50, 60]].map(([key, start, end]) => ({ key, start, end, quote: `„${key}“` }));
  assert.deepEqual(sent("article"), [{ path: "a.md", spans, page: null }]);
});

test("a button of its own opens an article without marks, at a page", async () => {
  const { page, sent } = await withNumbers();
  await page.click(page.add("button", { "data-path": "a.md", "data-page": "3" }));
  assert.deepEqual(sent("article"), [{ path: "a.md", spans: [], page: 3 }]);
});

test("an article that cannot be opened says so, and the way back leads to the number", async () => {
  const { page, buttons } = await withNumbers({ refused: true });
  await page.click(buttons[0]);
  assert.equal(page.find("#q-opened .q-error").textContent, page.app.text.article_failed);
  assert.deepEqual([page.find("body").dataset.view, page.find(".q-steps").hidden], ["article", true]);
  page.app.closeArticle();
  assert.equal(page.find("body").dataset.view, undefined);
  assert.equal(page.document.activeElement, buttons[0]);
});

test("what the sentence cites is bright, what the rest of the answer cites is faint", async () => {
  const { page, buttons, lit } = await withNumbers({ marks: ["c1", "c2", "c10"], drawn: ["c2", "c1 c2", "c1", "c10"] });
  await page.click(buttons[0]);
  assert.deepEqual([lit("q-active"), lit("q-faint"), lit("q-here")], [["c2", "c1 c2", "c10"], ["c1"], ["c10"]]);
});

test("one steps through the marks in the order of the text, not of the numbers, and no further", async () => {
  const { page, buttons, back, on, lit, at } = await withNumbers({ marks: ["c10", "c1", "c2"], drawn: ["c2", "c1 c2", "c10"] });
  await page.click(buttons[1]);
  const seen = [[lit("q-here"), at(), back.disabled, on.disabled]];
  for (const button of [back, on, on, on, back]) {
    await page.click(button);
    seen.push([lit("q-here"), at(), back.disabled, on.disabled]);
  }
  const place = (number) => page.app.say("mark_of", { number, count: 3 });
  const first = [["c2", "c1 c2"], place(1), true, false];
  const second = [["c1 c2"], place(2), false, false];
  const third = [["c10"], place(3), false, true];
  assert.deepEqual(seen, [first, first, second, third, third, second]);
});

test("of two articles that are asked for, the one asked for last is shown", async () => {
  let arrive = () => {};
  const later = (path) => path === "a.md" && new Promise((resolve) => (arrive = resolve));
  const { page, buttons, sent } = await withNumbers({ marks: ["c0"], drawn: ["c0"], later });
  buttons[0].click();
  buttons[2].click();
  await page.settle();
  arrive();
  await page.settle();
  assert.deepEqual(sent("article").map(({ path }) => path), ["a.md", "b.md"]);
  assert.equal(buttons[2].getAttribute("aria-current"), "true");
  assert.equal(buttons[0].hasAttribute("aria-current"), false);
});

/* ---- pages ---- */
const PAGES = { c2: 1, c1: 2, c10: 2 };
const sheet = ({ first, page, turned }) => {
  const shown = turned ? page : PAGES[first];
  const marks = Object.keys(PAGES).filter((key) => PAGES[key] === shown);
  return { page: shown, pages: 3, marks, html: `<page ${shown}>` };
};
const onPages = { marks: ["c1", "c2", "c10"], drawn: ["c2", "c1", "c10"], sheet };

test("the page of a mark is drawn when one steps to it, and the same page is not drawn twice", async () => {
  const { page, buttons, on, sent } = await withNumbers(onPages);
  await page.click(buttons[1]);
  const html = () => page.find("#q-page").innerHTML;
  const seen = [html()];
  for (let step = 0; step < 2; step += 1) {
    await page.click(on);
    seen.push(html());
  }
  assert.deepEqual(seen, ["<page 1>", "<page 2>", "<page 2>"]);
  assert.deepEqual(sent("sheet").map(({ first, path }) => [first, path]), [["c2", "a.md"], ["c1", "a.md"]]);
});

test("who turns twice wants two pages further, and not beyond the last", async () => {
  const { page, buttons, sent } = await withNumbers(onPages);
  const leaves = () => [
    ...[1, 3].map((number) => page.make("button", { class: "q-leaf", "data-leaf": number })),
    page.make("span", { class: "q-leaf-number" }),
  ];
  for (const number of [1, 2, 3]) page.document.drawn.set(`<page ${number}>`, leaves);
  await page.click(buttons[1]);
  const next = page.all("#q-page .q-leaf")[1];
  for (let press = 0; press < 3; press += 1) next.click();
  await page.settle();
  assert.deepEqual(sent("sheet").slice(1).map((request) => [request.page, request.turned]), [[2, true], [3, true]]);
});

test("where a page cannot be drawn, the text is shown and says why", async () => {
  const refuse = () => {
    throw new Error("500");
  };
  for (const [answer, note] of [[refuse, "sheet_failed"], [() => ({ page: null, html: "" }), "sheet_failed"]]) {
    const { page, buttons } = await withNumbers({ ...onPages, sheet: answer });
    await page.click(buttons[1]);
    assert.equal(page.find("#q-opened article").dataset.show, "text");
    assert.equal(page.find("#q-page .q-note").textContent, page.app.text[note]);
    assert.equal(page.all("#q-opened mark.q-here").length, 1);
  }
});
