/* Questions to click, which the articles are known to answer. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find } = app;

  const offer = (question) => app.make("button", { type: "button", class: "q-example", dir: "auto" }, question);

  app.ready(async () => {
    const { questions } = await app.call("suggestions", {});
    if (!questions.length) return;
    find(".q-offers").replaceChildren(...questions.map(offer));
    find("#q-suggestions").hidden = false;
  });
})();
