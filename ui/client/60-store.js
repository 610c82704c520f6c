/* Keeps conversations in this browser, each under its own key, so that two windows do not overwrite each other.
   Which conversation a window shows is kept with the window and survives a reload. If the app has users, each has their
   own conversations: the server says in a cookie whose page it is. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const USER = /(?:^|;\s*)quellentreu-user=([0-9a-f]{16})(?:;|$)/.exec(document.cookie || "")?.[1];
  const OF_USER = USER ? `${USER}.` : "";
  const PREFIX = `quellentreu.conversation.${OF_USER}`;
  const CURRENT = `quellentreu.current${OF_USER && `.${USER}`}`;
  const PENDING = `quellentreu.pending${OF_USER && `.${USER}`}`;
  const MOST = 100;

  const attempt = (action, otherwise) => {
    try {
      return action();
    } catch {
      return otherwise;
    }
  };
  const works = attempt(() => {
    localStorage.setItem("quellentreu.try", "1");
    localStorage.removeItem("quellentreu.try");
    return true;
  }, false);

  const isRecord = (record) => typeof record?.question === "string" && (!record.answer || Array.isArray(record.answer.sentences));
  const read = (id) =>
    attempt(() => {
      const kept = JSON.parse(localStorage.getItem(PREFIX + id));
      const sound = kept && Array.isArray(kept.turns) && kept.turns.length && kept.turns.every(isRecord);
      return sound ? { ...kept, id } : null;
    }, null);
  const ids = () =>
    attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length)).filter((id) => !id.includes(".")), []);

  const change = (id, what) =>
    attempt(() => {
      const kept = JSON.parse(localStorage.getItem(PREFIX + id));
      /* Another window may have removed it in the meantime. */
      if (kept) localStorage.setItem(PREFIX + id, JSON.stringify({ ...kept, ...what }));
    });

  const store = {
    works,
    current: "",
    /* Newest first. */
    list: () => ids().map(read).filter(Boolean).sort((a, b) => b.changed - a.changed),
    read,
    begin: () => {
      store.current = "";
      attempt(() => {
        sessionStorage.removeItem(CURRENT);
        sessionStorage.removeItem(PENDING);
      });
      app.drawConversations?.();
    },
    open: (id) => {
      store.current = id;
      attempt(() => sessionStorage.setItem(CURRENT, id));
      app.drawConversations?.();
    },
    keep: (turns) => {
      attempt(() => sessionStorage.removeItem(PENDING));
      if (!works) return;
      if (!store.current) store.open(crypto.getRandomValues(new Uint32Array(3)).join("-"));
      const now = Date.now();
      const { created = now, name = "" } = read(store.current) || {};
      const kept = { created, changed: now, name, turns, asks: app.asked?.() };
      const write = () => localStorage.setItem(PREFIX + store.current, JSON.stringify(kept));
      const others = () => store.list().filter((item) => item.id !== store.current);
      others().slice(MOST - 1).forEach((item) => store.remove(item.id));
      /* If the storage is full, the oldest conversations are removed; if that is not enough, they are put back. */
      const gone = [];
      const putBack = () => gone.forEach(([key, text]) => attempt(() => localStorage.setItem(key, text)));
      for (let left = others(); !attempt(() => (write(), true), false); left = left.slice(0, -1)) {
        if (!left.length) {
          putBack();
          break;
        }
        const key = PREFIX + left.at(-1).id;
        gone.push([key, localStorage.getItem(key)]);
        localStorage.removeItem(key);
      }
      app.drawConversations?.();
    },
    /* An empty name restores the first question as the title. */
    rename: (id, name) => change(id, { name }),
    /* Stores which collections the open conversation asks. */
    asks: (asks) => store.current && change(store.current, { asks }),
    title: (conversation) =>
      (typeof conversation.name === "string" && conversation.name.trim()) || conversation.turns[0].question,
    remove: (id) => attempt(() => localStorage.removeItem(PREFIX + id)),
    removeAll: () => ids().forEach(store.remove),
    /* Stores the question under way, so that a reload does not lose it. */
    pending: (question) => attempt(() => sessionStorage.setItem(PENDING, JSON.stringify(question))),
    takePending: () =>
      attempt(() => {
        const kept = JSON.parse(sessionStorage.getItem(PENDING));
        sessionStorage.removeItem(PENDING);
        return typeof kept?.question === "string" ? kept : null;
      }, null),
    last: () => attempt(() => sessionStorage.getItem(CURRENT), "") || "",
  };
  app.store = store;

  app.openConversation = async (id) => {
    const kept = read(id);
    if (!kept) return;
    await app.show(kept.turns);
    store.open(id);
    app.askAgain?.(kept.asks);
    app.announce(app.text.restored);
  };

  /* Whoever reloads the page still wants the answer; a restored or duplicated window only shows that it was lost. */
  const isReload = () => performance.getEntriesByType("navigation")[0]?.type === "reload";

  app.ready(async () => {
    const pending = store.takePending();
    const last = store.last();
    try {
      if (last && read(last)) await app.openConversation(last);
    } catch {
      /* The server did not restore it; it stays in the list, and a question under way is handled in any case. */
    }
    if (pending) {
      const before = app.turns.slice(0, pending.number - 1);
      const record = { question: pending.question, state: "failed", error: app.text.interrupted, answer: null };
      const again = pending.ask || isReload();
      const turns = again ? before : [...before, record];
      try {
        await app.show(turns);
      } catch {
        /* The earlier turns are in the list of conversations. */
      }
      if (last) store.open(last);
      if (again) app.ask(pending.question, pending);
      else store.keep(turns);
    }
    /* A link only fills in its question, and the reader has to ask it: otherwise any page that links here could
       keep the machine busy. */
    const question = new URLSearchParams(location.search).get("q");
    if (question) {
      app.fill([...question].slice(0, 4000).join(""));
      app.notice(app.text.link_filled);
      const url = new URL(location.href);
      url.searchParams.delete("q");
      history.replaceState(history.state, "", url);
    }
  });
})();
