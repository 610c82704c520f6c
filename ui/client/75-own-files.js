/* The user's own files: sent in parts, listed, removed; and the choice of collections to ask, including own files. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all, make } = app;
  const CHOICE = "quellentreu.collection";
  const ALL = "all";
  const LOOK_EVERY = 300;
  let state = { files: [], collections: [], key: "" };
  /* Names separated by commas, as the server reads them. */
  let choice = ALL;
  let jobs = Promise.resolve();

  try {
    choice = localStorage.getItem(CHOICE) || choice;
  } catch {
    /* The browser does not allow storage. */
  }

  const place = () => find("#q-own");
  const call = (name, argument) => app.call(name, { ...argument, key: state.key });
  const offered = () => ["articles", ...state.collections, ...(state.files.length ? ["uploads"] : [])];
  const chosen = () => {
    const kept = choice.split(",").filter((one) => offered().includes(one));
    return kept.length ? kept : offered();
  };
  const effective = () => (chosen().length === offered().length ? ALL : chosen().join(","));
  app.sending["@collection"] = effective;
  app.asksOwnFiles = () => chosen().includes("uploads");
  const called = (name) => (["articles", "uploads"].includes(name) ? app.text[`own_ask_${name}`] : name);

  /* ---- what is asked ---- */
  const scope = () => {
    document.dispatchEvent(new CustomEvent("quellentreu:collection"));
    let note = find("#q-scope");
    const named = state.collections.length > 0;
    const only = named ? effective() !== ALL : effective() === "uploads";
    const [some, widen] = named
      ? [app.say("own_some", { names: chosen().map(called).join(", ") }), app.text.own_widen_all]
      : [app.text.own_only, app.text.own_widen];
    if (!note) {
      note = make("div", { id: "q-scope", class: "q-note" });
      find("#q-notice").before(note);
    }
    note.hidden = !only;
    note.replaceChildren(
      ...(only ? [some, " ", make("button", { type: "button", class: "q-own-button q-widen" }, widen)] : []),
    );
  };

  const mark = () => {
    for (const box of all("#q-own .q-choice input")) {
      box.checked = box.type === "radio" ? box.value === effective() : chosen().includes(box.value);
    }
  };

  const choose = (value) => {
    choice = value;
    try {
      localStorage.setItem(CHOICE, value);
    } catch {
      /* Without storage the choice lasts as long as the page. */
    }
    app.store?.asks(value);
    mark();
    scope();
  };
  /* A conversation continues with the collections it has asked; a new one begins with the last choice. */
  app.asked = () => choice;
  app.askAgain = (value) => {
    if (typeof value !== "string" || !place()) return;
    choice = value;
    mark();
    scope();
  };

  /* With two collections, one or both can be chosen; with more, any of them. */
  const choices = () => {
    const several = state.collections.length > 0;
    const field = make("fieldset", { class: "q-choice", "data-offered": offered().join(",") }, make("legend", {}, app.text.own_ask));
    for (const value of several ? offered() : ["articles", "uploads", ALL]) {
      const box = make("input", { type: several ? "checkbox" : "radio", name: "q-collection", value });
      field.append(make("label", {}, box, make("bdi", {}, value === ALL ? app.text.own_ask_all : called(value))));
    }
    return field;
  };

  const drawChoices = () => {
    const field = find("#q-own .q-choice");
    if (!field) return;
    if (field.dataset.offered !== offered().join(",")) field.replaceWith(choices());
    find("#q-own .q-choice").hidden = offered().length < 2;
    mark();
  };

  /* Something must always be asked: the last ticked box stays ticked. */
  const tick = (box) => {
    const ticked = all("#q-own .q-choice input").filter((one) => one.checked).map((one) => one.value);
    if (ticked.length) choose(ticked.length === offered().length ? ALL : ticked.join(","));
    else box.checked = true;
  };

  /* ---- the list ---- */
  const size = (bytes) => {
    const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
    const form = { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 };
    return new Intl.NumberFormat(app.german ? "de-DE" : "en-GB", form).format(value);
  };

  const about = (file) => {
    const pages = file.pages === 1 ? app.text.own_one_page : app.say("own_pages", { count: file.pages });
    return [file.title === file.name ? "" : file.name, file.pages ? pages : "", size(file.size)].filter(Boolean).join(" · ");
  };

  const removal = (file) =>
    make(
      "div",
      { class: "q-actions" },
      make(
        "button",
        { type: "button", class: "q-own-button", "data-own": "remove", "aria-label": `${app.text.own_remove}: ${file.name}` },
        app.text.own_remove,
      ),
    );

  const entry = (file) =>
    make(
      "li",
      { "data-name": file.name },
      make(
        "button",
        { type: "button", class: "q-own-button q-reopen", "data-path": file.document, title: app.text.own_open },
        make("bdi", {}, file.title || file.name),
      ),
      make("p", { class: "q-byline" }, make("bdi", {}, about(file))),
      ...(file.unread ? [make("p", { class: "q-note" }, make("bdi", {}, file.unread))] : []),
      ...(state.fixed ? [] : [removal(file)]),
    );

  const drawList = () => {
    const list = find("#q-own .q-own-list");
    if (!list) return;
    if (state.most === 0) list.replaceChildren();
    else if (state.error) list.replaceChildren(make("p", { class: "q-note" }, state.error));
    else if (!state.files.length) list.replaceChildren(make("p", { class: "q-note" }, app.text.own_none));
    else {
      list.replaceChildren(
        make("h3", {}, app.text.own_list),
        make("ul", { class: "q-kept" }, ...state.files.map(entry)),
        ...(state.fixed ? [] : [make("button", { type: "button", class: "q-own-button", "data-own": "clear" }, app.text.own_clear)]),
      );
    }
    drawChoices();
    scope();
  };

  const refresh = async () => {
    try {
      state = { ...state, error: "", ...(await app.call("own_files")) };
    } catch {
      state.error = app.text.lost;
    }
    drawList();
  };

  const bounds = () =>
    make("p", { class: "q-byline" }, app.say("own_limits", { most: state.most ?? "", megabytes: state.megabytes ?? "" }));

  const purpose = () => {
    if (state.most === 0) return "";
    if (state.fixed) return app.text.own_about_fixed;
    return state.shared ? app.text.own_about_shared : app.text.own_about;
  };

  const draw = () => {
    const input = make("input", { type: "file", multiple: "", class: "q-unseen", id: "q-own-input", accept: state.accept || "" });
    place().replaceChildren(
      make("h2", {}, app.text.own_files),
      make("p", { class: "q-about" }, purpose()),
      ...(state.days ? [make("p", { class: "q-about" }, app.say("own_expires", { days: state.days }))] : []),
      choices(),
      ...(state.fixed || state.most === 0 ? [] : [make("label", { class: "q-drop", for: "q-own-input" }, app.text.own_drop), bounds()]),
      make("ul", { class: "q-jobs" }),
      make("div", { class: "q-own-list" }),
    );
    find("#q-own .q-drop")?.prepend(input);
    drawList();
  };

  /* ---- adding ---- */
  const job = (name) => {
    const line = make("li", {}, make("bdi", { class: "q-job-name" }, name));
    const words = make("span", { class: "q-job-state" });
    const bar = make("progress", { max: "1", "aria-label": name });
    line.append(" ", words, bar);
    find("#q-own .q-jobs").append(line);
    return {
      show: (text, share) => {
        words.textContent = text;
        if (share === undefined) bar.removeAttribute("value");
        else bar.value = share;
      },
      end: (text, good) => {
        bar.remove();
        words.textContent = text;
        line.dataset.state = good ? "added" : "refused";
        app.announce(`${name}: ${text}`);
      },
    };
  };

  const base64 = (blob) =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });

  const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));

  const send = async (file, line) => {
    line.show(app.text.own_sending, 0);
    /* The server could not be reached when the page was opened. */
    if (!Number.isInteger(state.part)) await refresh();
    if (!Number.isInteger(state.part)) return { refused: app.text.lost };
    const { token, refused } = await call("own_file_begin", { name: file.name, size: file.size });
    if (refused) return { refused };
    for (let at = 0; at < file.size; at += state.part) {
      const part = await call("own_file_part", { token, data: await base64(file.slice(at, at + state.part)) });
      if (part.refused) return part;
      line.show(app.text.own_sending, part.come / file.size);
    }
    for (;;) {
      const now = await call("own_file_look", { token });
      if (now.refused || now.added) return now;
      if (now.total) line.show(app.text.own_indexing, now.done / now.total);
      else line.show(app.text.own_reading);
      await pause();
    }
  };

  const add = async (file, line) => {
    try {
      const { added, refused } = await send(file, line);
      if (refused) return line.end(`${app.text.own_refused}. ${refused}`, false);
      line.end(added.name === file.name ? app.text.own_added : app.say("own_added_as", { name: added.name }), true);
      await refresh();
    } catch (error) {
      /* Either this is a folder, which cannot be read as a file, or the server is gone. */
      const reason = error instanceof DOMException ? app.text.refused_unknown_type : app.text.lost;
      line.end(`${app.text.own_refused}. ${reason}`, false);
    }
  };

  /* Files may be dropped before the panel is drawn, because drawing waits for the server. */
  let stand;
  const standing = new Promise((resolve) => (stand = resolve));

  const addAll = async (files) => {
    await standing;
    if (state.fixed || state.most === 0) return;
    for (const line of all("#q-own .q-jobs li[data-state]")) line.remove();
    for (const file of files) {
      const line = job(file.name);
      line.show(app.text.own_waiting, 0);
      jobs = jobs.then(() => add(file, line));
    }
  };

  /* ---- removing ---- */
  const change = async (name, argument, done) => {
    let error;
    try {
      ({ error } = await call(name, argument));
    } catch {
      error = app.text.lost;
    }
    await refresh();
    if (error) {
      state.error = error;
      drawList();
    }
    app.announce(error || done);
    (find("#q-own [data-own=remove]") || find("#q-own-input"))?.focus();
  };

  const handlers = {
    remove: (pressed) => {
      const { name } = pressed.closest("[data-name]").dataset;
      change("own_file_remove", { name }, app.say("own_removed", { name }));
    },
    clear: (pressed) => app.sure(pressed, app.text.own_clear_really) && change("own_files_clear", {}, app.text.own_cleared),
  };

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("button");
    if (pressed?.dataset.own) handlers[pressed.dataset.own](pressed);
    else if (pressed?.matches(".q-widen")) {
      choose(ALL);
      find("#q-question textarea").focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("#q-own input[type=radio]")) choose(event.target.value);
    else if (event.target.matches?.("#q-own .q-choice input")) tick(event.target);
    else if (event.target.matches?.("#q-own-input")) {
      addAll([...event.target.files]);
      event.target.value = "";
    }
  });

  /* Files may be dropped anywhere; otherwise they would replace the page. */
  const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!place() || !carries(event)) return;
    event.preventDefault();
    document.body.dataset.dragging = "";
    if (document.body.dataset.panel !== "uploads") {
      app.closeArticle();
      app.showPanel("uploads");
    }
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete document.body.dataset.dragging;
  });
  document.addEventListener("drop", (event) => {
    delete document.body.dataset.dragging;
    if (!place() || !carries(event)) return;
    event.preventDefault();
    addAll([...event.dataTransfer.files]);
  });

  document.addEventListener("quellentreu:panel", (event) => event.detail === "uploads" && refresh());
  app.ready(async () => {
    if (!place()) return;
    await refresh();
    draw();
    stand();
  });
})();
