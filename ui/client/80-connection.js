/* Notices when the server is gone in the middle of an answer. */
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

  /* A page that is being left loses its connection, too; that is nobody's failure. */
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
        /* Who does not answer in time may only be busy; who refuses is gone. */
        weight = error.name === "TimeoutError" ? 0.2 : 1;
      }
      missed = now ? 0 : missed + weight;
      /* Another identity is another run of the program: the answer will not come. */
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

  /* Each question remembers which run of the program it was put to. */
  app.identify = async () => {
    missed = 0;
    identity = "";
    try {
      identity = await ask();
    } catch {
      identity = "";
    }
  };

  /* Gradio does not get over a lost server: as soon as it is there again the page is loaded anew, which loses
     nothing, and the question is asked then. */
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

  /* What Gradio says in its own words, in English, the style sheet hides; here it is said in the page's. */
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
