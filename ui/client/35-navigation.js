/* Chooses what is shown beside the answer. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all } = app;

  /* Panels listen for `quellentreu:panel`, so that they draw themselves only when they are seen. */
  app.showPanel = (name) => {
    document.body.dataset.panel = name;
    const panel = find(`#q-panel-${CSS.escape(name)}`);
    for (const other of all(".q-panel")) other.toggleAttribute("data-shown", other === panel);
    document.body.toggleAttribute("data-wide", Boolean(panel?.classList.contains("q-wide")));
    for (const view of all(".q-view")) view.setAttribute("aria-pressed", String(view.dataset.panel === name));
    document.dispatchEvent(new CustomEvent("quellentreu:panel", { detail: name }));
  };

  document.addEventListener("click", (event) => {
    const view = event.target.closest?.(".q-view");
    if (!view) return;
    const again = view.getAttribute("aria-pressed") === "true" && view.dataset.panel !== "evidence";
    app.closeArticle();
    app.showPanel(again ? "evidence" : view.dataset.panel);
    find("#q-side").scrollTop = 0;
    if (app.narrow() && !again) find("#q-side").scrollIntoView({ block: "start", behavior: app.behavior() });
  });
  app.ready(() => app.showPanel("evidence"));
})();
