/* What is said of articles that came into the folder while the page is open. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./page.mjs";

const PAUSE = 15000;
const opened = async (language = "de-DE") => {
  const now = { added: 4, changed: 0, removed: 0 };
  const page = await open({ language, server: { news: () => now } });
  await page.settle();
  return { page, now, notice: () => page.find("#q-notice").textContent };
};

test("what was there before the page is no news, what comes is said once", async () => {
  const { page, now, notice } = await opened();
  await page.wait(PAUSE);
  assert.equal(notice(), "");
  now.added = 7;
  await page.wait(PAUSE);
  assert.equal(notice(), "3 Artikel hinzugekommen");
  assert.equal(page.find("#q-status").textContent, notice());
  await page.wait(8000);
  assert.equal(notice(), "");
  await page.wait(PAUSE);
  assert.equal(notice(), "");
});

test("it is said in the page's language, one article as one", async () => {
  const { page, now, notice } = await opened("en-GB");
  Object.assign(now, { added: 5, changed: 2, removed: 1 });
  await page.wait(PAUSE);
  assert.equal(notice(), "1 article added, 2 articles changed, 1 article removed");
});

test("another notice stays, and the news come after it", async () => {
  const { page, now, notice } = await opened();
  page.app.notice("Ein Hinweis");
  now.added = 6;
  await page.wait(PAUSE);
  assert.equal(notice(), "Ein Hinweis");
  page.app.notice("");
  await page.wait(PAUSE);
  assert.equal(notice(), "2 Artikel hinzugekommen");
});

test("a page whose app follows nothing asks for nothing", async () => {
  const page = await open();
  await page.wait(PAUSE);
  assert.equal(page.called.some(([name]) => name === "news"), false);
});
