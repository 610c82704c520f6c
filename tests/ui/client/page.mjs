/* Opens the page's scripts as the server sends them, all of them, in the order of their names, without a browser.

   What comes from the server, the words of the page above all, `tests/ui/test_client.py` writes to the file named in
   FROM_SERVER. A word that is asked for and is not there is an error, as it would be a blank in the page. */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { Document, makeEvent } from "./dom.mjs";

export const FOLDER = fileURLToPath(new URL("../../../ui/client/", import.meta.url));
export const SCRIPTS = readdirSync(FOLDER).filter((name) => name.endsWith(".js")).sort();
if (!process.env.FROM_SERVER) throw new Error("FROM_SERVER is not set; run these tests with: pytest tests/ui/test_client.py");
export const fromServer = JSON.parse(readFileSync(process.env.FROM_SERVER, "utf-8"));
const { words: WORDS } = fromServer;
const BEGIN = Date.UTC(2026, 0, 2, 12);
const TALK = ["talk", "scroll", "turns", "live", "notice", "ask", "stop", "status"];
const SIDE = ["side", "evidence", "lists", "conversations", "library", "article", "opened"];

const strict = (words) =>
  new Proxy(words, {
    get: (known, name) => {
      if (!(name in known)) throw new Error(`There is no word ${String(name)}.`);
      return known[name];
    },
  });

/* A browser's storage: `room` is how many characters it takes; a closed one refuses everything, as in private windows. */
export class Storage {
  constructor(entries = {}, { room = Infinity, closed = false } = {}) {
    Object.assign(this, entries);
    Object.defineProperty(this, "bounds", { value: { room, closed }, enumerable: false });
  }
  #check() {
    if (this.bounds.closed) throw new Error("SecurityError");
  }
  getItem(key) {
    this.#check();
    return Object.hasOwn(this, key) ? this[key] : null;
  }
  setItem(key, value) {
    this.#check();
    const others = Object.keys(this).filter((other) => other !== key);
    const used = others.reduce((sum, other) => sum + other.length + this[other].length, 0);
    if (used + key.length + value.length > this.bounds.room) throw new Error("QuotaExceededError");
    this[key] = String(value);
  }
  removeItem(key) {
    this.#check();
    delete this[key];
  }
}

/* The server's functions that the scripts call on their own. */
const SERVER = {
  restore: ({ records }) => ({ turns: records.map(() => "<section></section>"), lists: [] }),
  suggestions: () => ({ questions: [] }),
  feedback_state: () => ({ on: false }),
};

const frame = (document) => {
  const add = (parent, tag, attributes) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.append(element);
    return element;
  };
  const main = add(add(document.body, "div", { class: "gradio-container" }), "main", {});
  for (const name of [...TALK, ...SIDE]) add(main, "div", { id: `q-${name}` });
  add(add(main, "div", { id: "q-question" }), "textarea", {});
  add(add(main, "div", { id: "q-suggestions" }), "div", { class: "q-offers" });
  return (tag, attributes, parent = main) => add(parent, tag, attributes);
};

export const open = async ({
  cookie = "",
  language = "de-DE",
  local = new Storage(),
  session = new Storage(),
  server = {},
  search = "",
  longest = "0",
  navigation = "navigate",
  clipboard = true,
  asking = false,
} = {}) => {
  const document = new Document();
  Object.assign(document, { cookie });
  const words = { de: strict(WORDS.de), en: strict(WORDS.en) };
  const called = [];
  const sent = [];
  let now = BEGIN;
  let timers = [];
  const listeners = new Document();

  class Clock extends Date {
    static now() {
      return now;
    }
  }
  class MutationObserver {
    observe() {}
  }
  class CustomEvent {
    constructor(type, { detail } = {}) {
      Object.assign(this, makeEvent(type, { detail }));
    }
  }
  const fetch = async (url, { body }) => {
    if (url.endsWith("/app_id")) return { ok: true, json: async () => ({ app_id: await server.app_id() }) };
    const { fn_name: name, data } = JSON.parse(body);
    called.push([name, data]);
    const answers = { ...SERVER, ...server }[name];
    if (!answers) return { ok: false, status: 500 };
    const answer = await answers(data);
    return { ok: true, json: async () => JSON.parse(JSON.stringify(answer)) };
  };
  const window = {
    quellentreu: { words },
    gradio_config: { root: "", api_prefix: "/gradio_api", components: [{ id: 7, props: { elem_id: "q-server" } }] },
    __gradio_session_hash__: "hash",
  };
  const location = { href: `http://localhost/${search}`, search, reload: () => called.push(["reload", null]) };
  const history = { state: null, pushState() {}, replaceState: (_, __, url) => (location.href = String(url)), back() {} };
  const globals = {
    window,
    document,
    location,
    history,
    fetch,
    MutationObserver,
    CustomEvent,
    Date: Clock,
    navigator: { language, ...(clipboard && { clipboard: { writeText: async (text) => called.push(["clipboard", text]) } }) },
    localStorage: local,
    sessionStorage: session,
    matchMedia: () => ({ matches: false }),
    performance: { getEntriesByType: () => [{ type: navigation }] },
    CSS: { escape: (text) => String(text).replace(/[^\w-]/g, "\\$&") },
    Event: class {
      constructor(type) {
        Object.assign(this, makeEvent(type));
      }
    },
    addEventListener: (type, listener) => listeners.addEventListener(type, listener),
    setTimeout: (run, after = 0) => timers.push({ at: now + after, run }),
    clearTimeout: (number) => timers[number - 1] && (timers[number - 1].run = () => {}),
    innerWidth: 1200,
    innerHeight: 800,
  };
  for (const name of SCRIPTS) {
    const code = readFileSync(FOLDER + name, "utf-8");
    compileFunction(code, Object.keys(globals), { filename: FOLDER + name })(...Object.values(globals));
  }
  /* Lets what was begun come to its end, as far as it waits for nothing but the server. */
  const settle = async () => {
    for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  /* Some time later, with what was put off until then. */
  const wait = async (milliseconds) => {
    now += milliseconds;
    const due = timers.filter((timer) => timer.at <= now);
    timers = timers.map((timer) => (due.includes(timer) ? { at: Infinity, run: () => {} } : timer));
    for (const timer of due) timer.run();
    await settle();
  };
  /* Gradio builds the page when the scripts have been read. */
  const add = frame(document);
  if (server.own_files) add("div", { id: "q-own" });
  if (server.news) document.querySelector("#q-status").dataset.follows = "true";
  document.querySelector("#q-status").dataset.longest = longest;
  /* As Gradio does it: what `prepare` makes of the box is sent, unless it is empty. */
  if (asking) {
    document.querySelector("#q-ask").addEventListener("click", () => {
      const values = window.quellentreu.prepare(document.querySelector("#q-question textarea").value, "");
      if (values[0]) sent.push(values);
    });
  }
  await wait(30);
  const { quellentreu: app } = window;
  return {
    app,
    window,
    document,
    local,
    session,
    location,
    called,
    sent,
    get asked() {
      return sent.map(([question]) => question);
    },
    settle,
    add,
    find: (selector) => document.querySelector(selector),
    all: (selector) => document.querySelectorAll(selector),
    make: (tag, attributes, ...content) => app.make(tag, attributes, ...content),
    wait,
    click: async (element) => {
      element.click();
      await settle();
    },
    hear: (type, more) => document.dispatchEvent(makeEvent(type, more)),
    storageChanged: () => listeners.hear(makeEvent("storage")),
  };
};

/* ---- answers, as the server hands them over ---- */
export const citation = (more) => ({
  path: "a.md",
  title: "Artikel",
  quote: "Der Vorstand sprach.",
  start: 3,
  end: 23,
  page: null,
  page_label: null,
  also_in: [],
  machine_read: false,
  ...more,
});
export const sentence = (text, more) => ({
  text,
  status: "kept",
  wording: "source",
  role: "answer",
  citations: [0],
  emphasis: [],
  ...more,
});
export const answer = (sentences, more) => ({
  answer: sentences.map((item) => item.text).join(" "),
  abstained: false,
  sentences,
  citations: [citation()],
  evidence: [],
  unanswered: [],
  ...more,
});
export const turn = (question, answered = null, more = {}) => ({ question, state: "done", error: "", answer: answered, ...more });
