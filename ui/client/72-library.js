/* The articles: a list to search, and the choice of articles that answers may be based on. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, make } = app;
  const KEPT = "quellentreu.filter";
  const NONE = { source: "", since: "", until: "", path: "", name: "" };
  let choice = { ...NONE };
  let asked = 0;
  let timer = 0;
  let drawn = false;

  try {
    choice = { ...NONE, ...JSON.parse(sessionStorage.getItem(KEPT)) };
  } catch {
    /* The browser does not allow storage. */
  }
  const isSet = () => Boolean(choice.source || choice.since || choice.until || choice.path);
  const plain = () => ({ source: choice.source, since: choice.since, until: choice.until, path: choice.path });
  /* What an answer was restricted to, for scripts that record it later. */
  app.filter = () => (isSet() ? plain() : null);
  app.sending["@library"] = () => {
    const asked = (app.sending["@collection"]?.() ?? "all").split(",");
    const own = asked.includes("uploads") && !asked.includes("articles");
    /* No test case can be made from a question that was not put to the articles: a test case asks only these. */
    const named = !own && !choice.path && !asked.includes("articles") && asked[0] !== "all";
    const value = named ? { ...plain(), collection: asked.join(",") } : app.filter();
    app.filterSent = { number: app.turns.length + 1, value, own };
    return isSet() ? JSON.stringify(plain()) : "";
  };

  const day = (date) => new Date(`${date}T12:00`).toLocaleDateString(app.german ? "de-DE" : "en-GB", { dateStyle: "medium" });
  const inWords = () =>
    [
      choice.path && `„${choice.name || choice.path}“`,
      choice.source,
      choice.since && app.say("filter_since", { date: day(choice.since) }),
      choice.until && app.say("filter_until", { date: day(choice.until) }),
    ]
      .filter(Boolean)
      .join(", ");

  /* What a filter also excludes without saying so: undated articles, and own files, which seldom have a source. */
  const leftOut = () => {
    const own = !choice.path && app.asksOwnFiles?.();
    const dated = choice.since || choice.until;
    return [
      dated && app.text[own ? "filter_undated_own" : "filter_undated"],
      own && choice.source && app.text.filter_source_own,
    ];
  };
  const active = () => [app.say("filter_active", { choice: inWords() }), ...leftOut()].filter(Boolean).join(" ");

  /* ---- beside the question box ---- */
  const drawNote = () => {
    let note = find("#q-filter");
    if (!note) {
      note = make("div", { id: "q-filter", class: "q-note", hidden: "" });
      find("#q-notice").before(note);
    }
    note.hidden = !isSet();
    const clear = make("button", { type: "button", class: "q-lib-button q-unfilter" }, app.text.filter_clear);
    note.replaceChildren(...(isSet() ? [make("bdi", {}, active()), " ", clear] : []));
  };

  const choose = (change) => {
    choice = { ...choice, ...change };
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(choice));
    } catch {
      /* Without storage the choice lasts as long as the page. */
    }
    drawNote();
    app.announce(isSet() ? active() : "");
    for (const name of ["source", "since", "until"]) {
      const field = find(`#q-lib-${name}`);
      if (field && field.value !== choice[name]) field.value = choice[name];
    }
    if (drawn) list(0);
  };

  /* ---- the list ---- */
  const field = (name, control) => make("label", { class: "q-lib-field", for: control.id }, make("span", {}, app.text[`library_${name}`]), control);
  const input = (name, type, value) => {
    const control = make("input", { type, id: `q-lib-${name}`, autocomplete: "off" });
    control.value = value;
    return control;
  };

  const fill = (answer, first) => {
    const select = find("#q-lib-source");
    const known = [...select.options].map((option) => option.value).join("\n");
    const sources = ["", ...answer.sources];
    if (known !== sources.join("\n")) {
      select.replaceChildren(...sources.map((source) => make("option", { value: source }, source || app.text.library_any)));
    }
    select.value = choice.source;
    /* No filter is offered that no article could pass, except one already chosen. */
    const shown = (name, offered) => (find(`#q-lib-${name}`).closest("label").hidden = !offered && !choice[name]);
    shown("source", answer.sources.length);
    shown("since", answer.dated);
    shown("until", answer.dated);
    const narrows = answer.sources.length || answer.dated;
    find("#q-lib-about").textContent = app.text[narrows ? "library_about" : "library_about_plain"];
    const place = find("#q-lib-list");
    /* Rendered and escaped by the server. */
    if (first) place.insertAdjacentHTML("beforeend", answer.html);
    else place.innerHTML = answer.html;
    const count = find("#q-lib-count");
    count.textContent = answer.error || (answer.found ? app.say("library_count", { found: answer.found, all: answer.all }) : app.text.library_none);
    const more = find("#q-lib-more");
    more.hidden = answer.next === null;
    more.dataset.first = answer.next ?? 0;
  };

  const list = async (first) => {
    const wish = ++asked;
    /* If only one article is asked, the list still shows the others. */
    const wanted = { ...plain(), path: "", words: find("#q-lib-words").value, first };
    let answer;
    try {
      answer = await app.call("library_list", wanted);
    } catch {
      answer = { html: "", sources: [], dated: false, found: 0, all: 0, next: null, error: app.text.lost };
    }
    if (wish === asked) fill(answer, first);
  };

  const draw = () => {
    drawn = true;
    find("#q-library").replaceChildren(
      make("h2", {}, app.text.library),
      make("p", { id: "q-lib-about", class: "q-about" }),
      make(
        "form",
        { id: "q-lib-form", role: "search", "aria-label": app.text.library_words },
        field("words", input("words", "search", "")),
        field("source", make("select", { id: "q-lib-source" }, make("option", { value: "" }, app.text.library_any))),
        field("since", input("since", "date", choice.since)),
        field("until", input("until", "date", choice.until)),
      ),
      make("details", { id: "q-overview" }, make("summary", {}, app.text.map_title), make("div", { id: "q-map" })),
      make("p", { id: "q-lib-count", class: "q-note", role: "status" }),
      make("ul", { id: "q-lib-list", class: "q-lib-list" }),
      make("button", { type: "button", id: "q-lib-more", class: "q-lib-button", hidden: "" }, app.text.library_more),
    );
    document.dispatchEvent(new CustomEvent("quellentreu:library"));
  };

  document.addEventListener("quellentreu:panel", (event) => {
    if (event.detail !== "library") return;
    if (!drawn) draw();
    list(0);
  });
  document.addEventListener("submit", (event) => event.target.id === "q-lib-form" && event.preventDefault());
  document.addEventListener("input", (event) => {
    if (event.target.id === "q-lib-words") {
      clearTimeout(timer);
      timer = setTimeout(() => list(0), 250);
    } else if (/^q-lib-(source|since|until)$/.test(event.target.id)) {
      choose({ [event.target.id.slice(6)]: event.target.value });
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.matches(".q-unfilter")) {
      choose(NONE);
      find("#q-question textarea").focus();
    } else if (button.matches(".q-lib-only")) {
      choose({ ...NONE, path: button.dataset.only, name: button.dataset.name });
      find("#q-question textarea").focus();
    } else if (button.id === "q-lib-more") {
      list(Number(button.dataset.first));
    }
  });
  document.addEventListener("quellentreu:collection", () => find("#q-filter") && drawNote());
  app.ready(drawNote);
})();
