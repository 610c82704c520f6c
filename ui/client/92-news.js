/* Reports what has changed in the folder of articles since the page was opened. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find } = app;
  const PAUSE = 15000;
  const SHOWN = 8000;
  let known = null;

  const words = (kind, count) => app.say(count === 1 ? `news_${kind}_one` : `news_${kind}`, { count });

  const look = async () => {
    /* A notice during an answer would be taken for part of the answer, so it comes afterwards. */
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
        /* If another notice is shown, this one is given the next time. */
        if (!text || free) known = now;
      } catch {
        /* The page works without it. */
      }
    }
    setTimeout(look, PAUSE);
  };
  app.ready(() => find("#q-status").dataset.follows && look());
})();
