/* The list of earlier conversations, which can be searched and renamed. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all, make } = app;

  const when = (time) =>
    new Date(time).toLocaleString(app.german ? "de-DE" : "en-GB", { dateStyle: "medium", timeStyle: "short" });

  const button = (action, label, about) =>
    make("button", { type: "button", class: "q-keep", "data-keep": action, ...(about && { "aria-label": `${label}: ${about}` }) }, label);

  const entry = (conversation) => {
    const title = app.store.title(conversation);
    const open = make("button", { type: "button", class: "q-keep q-reopen", "data-keep": "open" }, make("bdi", {}, title));
    if (conversation.id === app.store.current) open.setAttribute("aria-current", "true");
    return make(
      "li",
      { "data-id": conversation.id },
      open,
      make("p", { class: "q-byline" }, when(conversation.changed)),
      make(
        "div",
        { class: "q-actions" },
        button("rename", app.text.rename, title),
        button("export", app.text.export, title),
        button("delete", app.text.delete, title),
      ),
    );
  };

  /* ---- searching: all words must occur in the questions, answers or name ---- */
  const plain = (text) => text.normalize("NFC").toLowerCase();
  const holds = (conversation, words) => {
    const said = conversation.turns.flatMap((turn) => [turn.question, turn.answer?.answer || ""]);
    const text = plain([app.store.title(conversation), ...said].join("\n"));
    return words.every((word) => text.includes(word));
  };
  const words = () => plain(find("#q-kept-words")?.value || "").split(/\s+/).filter(Boolean);

  /* Built only once, so that somebody typing in it does not lose the focus. */
  const frame = (place) => {
    if (find("#q-kept-words")) return;
    const search = make("input", { type: "search", id: "q-kept-words", autocomplete: "off" });
    search.addEventListener("input", () => {
      fill();
      app.announce(find(".q-kept-none").textContent || app.say("conversations_found", { count: all(".q-kept li").length }));
    });
    place.replaceChildren(
      make("label", { class: "q-lib-field", for: search.id }, make("span", {}, app.text.conversations_search), search),
      make("ul", { class: "q-kept" }),
      make("p", { class: "q-note q-kept-none" }),
      button("delete-all", app.text.delete_all),
    );
  };
  const fill = () => {
    const found = app.store.list().filter((conversation) => holds(conversation, words()));
    find(".q-kept").replaceChildren(...found.map(entry));
    find(".q-kept").hidden = !found.length;
    find(".q-kept-none").textContent = found.length ? "" : app.text.conversations_unfound;
  };

  app.drawConversations = () => {
    const place = find("#q-conversations");
    if (!place) return;
    if (!app.store.works) return place.replaceChildren(make("p", { class: "q-note" }, app.text.conversations_off));
    if (!app.store.list().length) return place.replaceChildren(make("p", { class: "q-note" }, app.text.conversations_none));
    /* A name being typed must not be lost because another window writes. */
    if (find(".q-name")) return;
    frame(place);
    fill();
  };

  /* ---- renaming, in the place of the title ---- */
  const rename = (id) => {
    const title = find(`.q-kept li[data-id="${CSS.escape(id)}"] .q-reopen`);
    const box = make("input", { type: "text", class: "q-name", maxlength: "200", "aria-label": app.text.rename_label });
    box.value = title.textContent;
    let over = false;
    const end = (keep, focus) => {
      if (over) return;
      over = true;
      if (keep) app.store.rename(id, box.value.trim());
      box.remove();
      app.drawConversations();
      if (focus) find(`.q-kept li[data-id="${CSS.escape(id)}"] [data-keep=rename]`)?.focus();
    };
    box.addEventListener("keydown", (event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      end(event.key === "Enter", true);
    });
    /* Delayed, so that a button pressed instead still exists when its click arrives. */
    box.addEventListener("blur", () => setTimeout(() => end(true), 200));
    title.replaceWith(box);
    box.select();
    box.focus();
  };

  const fileName = (conversation) => {
    const words = app.store.title(conversation).normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-");
    return `${[...words.replace(/^-+|-+$/g, "")].slice(0, 60).join("") || "quellentreu"}.md`;
  };

  const handlers = {
    open: (id) => app.openConversation(id).then(() => app.narrow() && find("#q-talk").scrollIntoView()),
    export: (id) => {
      const conversation = app.store.read(id);
      app.download(fileName(conversation), app.asMarkdown(conversation));
    },
    rename,
    delete: (id, pressed) => {
      if (!app.sure(pressed, app.text.really)) return;
      app.store.remove(id);
      if (id === app.store.current) app.startOver();
      app.drawConversations();
      app.showPanel("conversations");
      find(".q-view[data-panel=conversations]").focus();
    },
    "delete-all": (_, pressed) => {
      if (!app.sure(pressed, app.text.really)) return;
      app.store.removeAll();
      app.startOver();
      app.showPanel("conversations");
      find(".q-view[data-panel=conversations]").focus();
    },
  };

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.(".q-keep");
    if (pressed) handlers[pressed.dataset.keep](pressed.closest("[data-id]")?.dataset.id, pressed);
  });
  document.addEventListener("quellentreu:panel", (event) => event.detail === "conversations" && app.drawConversations());
  addEventListener("storage", () => app.drawConversations());
})();
