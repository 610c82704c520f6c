/* Says what has come into the folder of articles since the page was opened. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find } = app;
  const PAUSE = 15000;
  const SHOWN = 8000;
  let known = null;

  const words = (kind, count) => app.say(count === 1 ? `news_${kind}_one` : `news_${kind}`, { count });

  const look = async () => {
    /* What is said while an answer comes would be taken for a part of it; it is said afterwards. */
    if (document.visibilityState === "visible" && !app.isBusy()) {
      try {
        const now = await app.call("news", {});
        const kinds = ["added", "changed", "removed"].filter((kind) => known && now[kind] > known[kind]);
        const text = kinds.map((kind) => words(kind, now[kind] - known[kind])).join(", ");
        const free = !find("#q-notice").textContent;
        if (text && free) {
          app.notice(text);
          app.announce(text);
          setTimeout(() => find("#q-notice").textContent === text && app.notice(""), SHOWN);
        }
        /* What another notice stands before is said the next time. */
        if (!text || free) known = now;
      } catch {
        /* The page does without. */
      }
    }
    setTimeout(look, PAUSE);
  };
  app.ready(() => find("#q-status").dataset.follows && look());
})();
