/* Notices when the server disappears in the middle of an answer. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const QUIET = 4000;
  let identity = "";
  let missed = 0;

  const ask = async () => {
    const config = window.gradio_config;
    const response = await fetch(`${config.root}${config.api_prefix}/app_id`, { signal: AbortSignal.timeout(3000), cache: "no-store" });
    return response.ok ? String((await response.json()).app_id) : "";
  };

  /* A page that is being left loses its connection, too; that is not a failure. */
  let leaving = 0;
  addEventListener("beforeunload", () => (leaving = Date.now()));
  const isLeaving = () => Date.now() - leaving < QUIET;

  const look = async () => {
    if (app.isBusy() && app.silence() > QUIET) {
      let now = "";
      let weight = 1;
      try {
        now = await ask();
      } catch (error) {
        /* A server that does not answer in time may only be busy; one that refuses is gone. */
        weight = error.name === "TimeoutError" ? 0.2 : 1;
      }
      missed = now ? 0 : missed + weight;
      /* A different identity means a different run of the program: the answer will not come. */
      if (missed > 1 || (now && identity && now !== identity)) {
        missed = 0;
        identity = now || identity;
        if (app.isBusy() && !isLeaving()) {
          app.broken = true;
          app.breakOff(app.text.lost, app.text.lost_remedy);
        }
      }
    }
    setTimeout(look, 1500);
  };

  /* Remembers which run of the program the question was put to. */
  app.identify = async () => {
    missed = 0;
    identity = "";
    try {
      identity = await ask();
    } catch {
      identity = "";
    }
  };

  /* Gradio does not recover from a lost server: once the server is back, the page is reloaded, which loses nothing,
     and the question is asked then. */
  app.recover = async (wanted) => {
    let now = "";
    try {
      now = await ask();
    } catch {
      now = "";
    }
    if (!now) {
      app.notice(app.text.lost_remedy);
      app.announce(app.text.lost_remedy);
      return;
    }
    app.store.pending({ ...wanted, ask: true });
    location.reload();
  };

  /* The style sheet hides Gradio's own messages, which are English; here they are given in the page's words. */
  const heard = async () => {
    if (!app.isBusy()) return;
    let now = "";
    try {
      now = await ask();
    } catch {
      now = "";
    }
    if (!app.isBusy() || isLeaving()) return;
    const here = now && (!identity || now === identity);
    if (!here) app.broken = true;
    app.breakOff(here ? app.text.error : app.text.lost, here ? app.text.unexpected : app.text.lost_remedy);
  };
  app.ready(() => {
    let known = 0;
    new MutationObserver(() => {
      const count = app.all(".toast-body").length;
      if (count > known) heard();
      known = count;
    }).observe(document.body, { childList: true, subtree: true });
    look();
  });
})();
