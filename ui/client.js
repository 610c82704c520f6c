/* Opens articles at their citations. Everything shown is already in the page, escaped by Python; nothing here
   builds HTML from text. */
(() => {
  "use strict";
  const root = document.documentElement;
  const german = (navigator.language || "de").toLowerCase().startsWith("de");
  const find = (selector, from) => (from || document).querySelector(selector);
  let opener = null;

  const setLanguage = () => {
    const language = german ? "de" : "en";
    if (root.lang !== language) root.lang = language;
  };
  setLanguage();
  /* Gradio sets the attribute once more while it starts. */
  new MutationObserver(setLanguage).observe(root, { attributes: true, attributeFilter: ["lang"] });

  const narrow = () => window.matchMedia("(max-width: 900px)").matches;
  const behavior = () =>
    window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";

  const showList = (turn) => {
    delete document.body.dataset.view;
    for (const list of document.querySelectorAll("#q-evidence .q-list")) {
      list.toggleAttribute("data-chosen", list.dataset.turn === turn);
    }
    const any = find("#q-evidence .q-list[data-chosen]");
    find("#q-evidence")?.toggleAttribute("data-choosing", Boolean(any));
  };

  /* A sentence of evidence counts as faint only when it is cited. */
  const paint = (article, key) => {
    for (const mark of article.querySelectorAll("mark")) {
      const keys = mark.dataset.marks.split(" ");
      const active = keys.includes(key);
      if (active || keys.some((other) => other.startsWith("c"))) {
        mark.className = active ? "q-active" : "q-faint";
      } else {
        mark.replaceWith(...mark.childNodes);
      }
    }
  };

  const open = (turn, key, button) => {
    const mark = [...document.querySelectorAll(`#q-store article[data-turn="${CSS.escape(turn)}"] mark`)].find(
      (candidate) => candidate.dataset.marks.split(" ").includes(key),
    );
    const place = find("#q-opened");
    if (!mark || !place) return;
    const article = mark.closest("article").cloneNode(true);
    paint(article, key);
    place.replaceChildren(article);
    showList(turn);
    document.body.dataset.view = "article";
    opener = button;
    for (const other of document.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    find(".q-back").focus({ preventScroll: true });
    find("mark.q-active", article).scrollIntoView({ block: "center", behavior: "auto" });
  };

  const back = () => {
    const list = document.body.dataset.view === "article";
    delete document.body.dataset.view;
    find("#q-opened")?.replaceChildren();
    if (!list || !opener) return;
    opener.removeAttribute("aria-current");
    if (opener.isConnected) opener.focus({ preventScroll: !narrow() });
    opener = null;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.matches(".q-cite, .q-evidence")) open(button.dataset.turn, button.dataset.mark, button);
    else if (button.matches(".q-back")) back();
    else if (button.matches(".q-show")) {
      back();
      showList(button.dataset.turn);
      find("#q-side").scrollTo({ top: 0 });
      if (narrow()) find("#q-side").scrollIntoView({ block: "start", behavior: behavior() });
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.dataset.view === "article") back();
  });

  /* Follows the answer while it grows, unless the reader has scrolled away from its end. */
  const watch = () => {
    const live = find("#q-live");
    const scroll = find("#q-scroll");
    const evidence = find("#q-evidence");
    if (!live || !scroll || !evidence) return void setTimeout(watch, 50);
    let turn = "";
    let follow = true;
    const port = () => (narrow() ? document.scrollingElement : scroll);
    const atEnd = () => port().scrollHeight - port().scrollTop - port().clientHeight < 120;
    addEventListener("scroll", () => (follow = atEnd()), { capture: true, passive: true });
    new MutationObserver(() => {
      const current = find(".q-turn", live);
      const number = current ? current.dataset.turn : "";
      const fresh = number !== turn;
      turn = number;
      if (fresh) back();
      if (!current) return;
      if (fresh) {
        current.scrollIntoView({ block: narrow() ? "start" : "nearest", behavior: behavior() });
        follow = true;
      } else if (follow && !narrow()) {
        scroll.scrollTop = scroll.scrollHeight;
      }
    }).observe(live, { childList: true, subtree: true, characterData: true });
    new MutationObserver(() => {
      evidence.removeAttribute("data-choosing");
      if (document.body.dataset.view !== "article") find("#q-side").scrollTop = 0;
    }).observe(evidence, { childList: true, subtree: true });
  };
  watch();
})();
