/* Opens an article at the cited passage, steps from passage to passage, and returns to the previous place. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all } = app;
  let opener = null;
  let shown = [];
  let at = 0;
  let asked = 0;
  let place = 0;

  const isOpen = () => document.body.dataset.view === "article";

  /* Everything that this answer cites from the same article, so that several passages can be seen at once. */
  const spansAround = (button) => {
    const number = (key) => Number(key.slice(1));
    const span = (other) => ({
      key: other.dataset.mark,
      start: Number(other.dataset.start),
      end: Number(other.dataset.end),
      quote: other.dataset.quote || "",
    });
    const turn = button.closest("[data-turn]")?.dataset.turn;
    const same = (other) => other.dataset.path === button.dataset.path;
    const cites = turn ? all(`.q-turn[data-turn="${CSS.escape(turn)}"] .q-cite`).filter(same) : [];
    const spans = new Map(cites.map((other) => [other.dataset.mark, span(other)]));
    if (button.dataset.mark) spans.set(button.dataset.mark, span(button));
    const sentence = button.closest(".q-sentence");
    const together = sentence ? cites.filter((other) => other.closest(".q-sentence") === sentence) : [];
    const active = new Set([button.dataset.mark, ...together.map((other) => other.dataset.mark)]);
    return {
      spans: [...spans.values()].sort((a, b) => number(a.key) - number(b.key)),
      active,
      first: button.dataset.mark,
    };
  };

  const MARKS = "#q-opened [data-marks]";
  const isSeen = (mark) => mark.getClientRects().length > 0;

  const focusMark = (key) => {
    for (const mark of all(MARKS)) mark.classList.toggle("q-here", mark.dataset.marks.split(" ").includes(key));
    all(`${MARKS}.q-here`).find(isSeen)?.scrollIntoView({ block: "center", behavior: "auto" });
    at = Math.max(0, shown.indexOf(key));
    const steps = find(".q-steps");
    steps.hidden = shown.length < 2;
    find(".q-place").textContent = app.say("mark_of", { number: at + 1, count: shown.length });
    for (const step of all(".q-step")) step.disabled = !shown[at + Number(step.dataset.step)];
  };

  const paint = (active) => {
    for (const mark of all(MARKS)) {
      const isActive = mark.dataset.marks.split(" ").some((key) => active.has(key));
      mark.classList.toggle("q-active", isActive);
      mark.classList.toggle("q-faint", !isActive);
    }
  };

  const inOrder = (marks) => {
    const first = (key) => all("#q-opened mark").findIndex((mark) => mark.dataset.marks.split(" ").includes(key));
    return [...marks].sort((a, b) => first(a) - first(b));
  };

  /* On a phone the article covers the page: the page below keeps its scroll position and is inert. */
  const cover = (on) => {
    for (const selector of ["#q-top", "#q-talk", ".q-panel"]) {
      for (const element of all(selector)) element.toggleAttribute("inert", on && app.narrow());
    }
  };

  app.openArticle = async (button) => {
    const wish = ++asked;
    const { spans, active, first } = spansAround(button);
    let answer;
    try {
      answer = await app.call("article", {
        path: button.dataset.path,
        spans,
        page: button.dataset.page ? Number(button.dataset.page) : null,
      });
    } catch {
      answer = null;
    }
    if (wish !== asked) return;
    const opened = find("#q-opened");
    if (answer) opened.innerHTML = answer.html;
    else opened.replaceChildren(app.make("p", { class: "q-error" }, app.text.article_failed));
    const side = find("#q-side");
    if (!isOpen()) {
      place = side.scrollTop;
      history.pushState({ ...history.state, article: true }, "");
    }
    document.body.dataset.view = "article";
    opener = button;
    for (const other of all("[aria-current]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    cover(true);
    shown = inOrder(answer ? answer.marks : []);
    paint(active);
    side.scrollTop = 0;
    const key = first || shown[0] || "";
    const repaint = (onPage) => {
      paint(active);
      focusMark(onPage);
    };
    app.openPages?.({ path: button.dataset.path, spans, page: Number(button.dataset.page) || null }, key, repaint);
    focusMark(key);
    find(".q-back").focus({ preventScroll: true });
    if (button.closest("[data-turn]")) app.showList?.(button.closest("[data-turn]").dataset.turn);
  };

  const shut = () => {
    asked += 1;
    if (!isOpen()) return;
    delete document.body.dataset.view;
    app.closePages?.();
    find("#q-opened").replaceChildren();
    cover(false);
    find("#q-side").scrollTop = place;
    if (!opener) return;
    opener.removeAttribute("aria-current");
    if (opener.isConnected) opener.focus({ preventScroll: true });
    app.hideQuotation?.();
    opener = null;
  };

  /* The browser's back button closes the article too. */
  app.closeArticle = () => {
    if (isOpen() && history.state?.article) history.back();
    else shut();
  };
  addEventListener("popstate", shut);

  const step = async (by) => {
    const key = shown[at + by];
    if (!key) return;
    await app.turnTo?.(key);
    focusMark(key);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.path !== undefined) app.openArticle(button);
    else if (button.matches(".q-back")) app.closeArticle();
    else if (button.matches(".q-step")) step(Number(button.dataset.step));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && !event.defaultPrevented) app.closeArticle();
  });
})();
