/* When an answer does not go on: a server that is gone, one that is only busy, and one that was started anew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./page.mjs";

const LOOK = 1500;
const gone = () => {
  throw new TypeError("refused");
};
const busy = () => {
  throw new DOMException("too late", "TimeoutError");
};
/* Asks, waits until the silence is noticed, and looks as often as there are answers to "which run are you?". */
const asked = async (...answers) => {
  let run = () => "1";
  const page = await open({ server: { app_id: () => run() } });
  page.app.prepare("Wer?", "");
  await page.settle();
  for (let look = 0; look < 3; look += 1) await page.wait(LOOK - 200);
  for (const answer of answers) {
    run = answer;
    await page.wait(LOOK);
  }
  return page;
};
const same = () => "1";
const another = () => "2";
const lost = ({ app }) => app.turns[0]?.error.startsWith(app.text.lost) ?? false;

test("a server that refuses twice is gone", async () => {
  assert.equal(lost(await asked(gone)), false);
  const page = await asked(gone, gone);
  assert.deepEqual([lost(page), page.app.isBusy(), page.app.broken], [true, false, true]);
});

test("a server that refuses now and then is not gone", async () => {
  const page = await asked(gone, same, gone, same, gone);
  assert.deepEqual([lost(page), page.app.isBusy()], [false, true]);
});

test("a server that is late may be busy, and is waited for longer", async () => {
  assert.equal(lost(await asked(...Array(5).fill(busy))), false);
  assert.equal(lost(await asked(...Array(6).fill(busy))), true);
});

test("another run of the program does not go on with the answer", async () => {
  assert.equal(lost(await asked(another)), true);
  assert.equal(lost(await asked(same, same, same)), false);
});

test("after a loss the next question waits for the page to be loaded anew", async () => {
  const page = await asked(another);
  assert.deepEqual(page.app.prepare("Was?", "", "x"), ["", "", "x"]);
  await page.settle();
  assert.deepEqual(page.called.at(-1), ["reload", null]);
  assert.deepEqual(page.app.store.takePending(), { question: "Was?", number: 2, fresh: false, kind: null, after: null, ask: true });
});

test("as long as the server is gone, the next question says so and is not lost from the box", async () => {
  const page = await asked(gone, gone);
  page.app.fill("Was?");
  page.app.prepare("Was?", "");
  await page.settle();
  assert.equal(page.find("#q-notice").textContent, page.app.text.lost_remedy);
  assert.equal(page.find("#q-question textarea").value, "Was?");
  assert.equal(page.called.some(([name]) => name === "reload"), false);
});
