/* The list of earlier conversations. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, make } = app;

  const when = (time) =>
    new Date(time).toLocaleString(app.german ? "de-DE" : "en-GB", { dateStyle: "medium", timeStyle: "short" });

  const button = (action, label, about) =>
    make("button", { type: "button", class: "q-keep", "data-keep": action, ...(about && { "aria-label": `${label}: ${about}` }) }, label);

  const entry = (conversation) => {
    const title = conversation.turns[0].question;
    const open = make("button", { type: "button", class: "q-keep q-reopen", "data-keep": "open" }, make("bdi", {}, title));
    if (conversation.id === app.store.current) open.setAttribute("aria-current", "true");
    return make(
      "li",
      { "data-id": conversation.id },
      open,
      make("p", { class: "q-byline" }, when(conversation.changed)),
      make("div", { class: "q-actions" }, button("export", app.text.export, title), button("delete", app.text.delete, title)),
    );
  };

  app.drawConversations = () => {
    const place = find("#q-conversations");
    if (!place) return;
    const kept = app.store.list();
    if (!app.store.works) return place.replaceChildren(make("p", { class: "q-note" }, app.text.conversations_off));
    if (!kept.length) return place.replaceChildren(make("p", { class: "q-note" }, app.text.conversations_none));
    place.replaceChildren(make("ul", { class: "q-kept" }, ...kept.map(entry)), button("delete-all", app.text.delete_all));
  };

  const fileName = (conversation) => {
    const words = conversation.turns[0].question.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-");
    return `${words.replace(/^-+|-+$/g, "").slice(0, 60) || "quellentreu"}.md`;
  };

  const handlers = {
    open: (id) => app.openConversation(id).then(() => app.narrow() && find("#q-talk").scrollIntoView()),
    export: (id) => {
      const conversation = app.store.read(id);
      app.download(fileName(conversation), app.asMarkdown(conversation));
    },
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
