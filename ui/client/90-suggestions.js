/* Questions to click that the articles are known to answer. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, make } = app;

  const offer = (question) => make("button", { type: "button", class: "q-example", dir: "auto" }, question);

  /* What the articles are, a question of each kind, and the bound that holds: stored with the index, so available
     at once. */
  const firstScreen = async () => {
    try {
      const { html, foot } = await app.call("first_screen", { language: app.german ? "de" : "en" });
      find("#q-collection").innerHTML = html;
      find("#q-foot").textContent = foot ?? "";
      find("#q-foot").hidden = !foot;
    } catch {
      /* The page works without it. */
    }
  };

  const wanted = async (paths, asked) => {
    try {
      return (await app.call("suggestions", { paths, asked, language: app.german ? "de" : "en" })).questions;
    } catch {
      return [];
    }
  };

  /* Below a refusal: questions about the nearest articles. They are placed after the part that Gradio draws, since
     Gradio would remove them from it. */
  const instead = () => {
    let place = find("#q-instead");
    if (!place) {
      place = make("div", { id: "q-instead" });
      find("#q-live").after(place);
    }
    return place;
  };
  app.offerInstead = async (answer) => {
    const paths = [...new Set([...answer.evidence].sort((a, b) => b.score - a.score).map((item) => item.path))];
    const questions = await wanted(paths, app.turns.map((turn) => turn.question));
    if (!questions.length || app.isBusy() || app.turns.at(-1)?.answer !== answer) return;
    const label = make("p", { class: "q-examples" }, app.text.suggestions_instead);
    instead().replaceChildren(label, ...questions.slice(0, 3).map(offer));
  };
  app.withdrawOffers = () => instead().replaceChildren();

  /* The program finds questions in the background; the page looks now and then while it has few and is idle. */
  const draw = async (tries) => {
    if (!app.turns.length && document.visibilityState === "visible") {
      const known = app.all("#q-collection .q-example").map((button) => button.textContent);
      const questions = await wanted([], known);
      const shown = app.all("#q-suggestions .q-example").map((button) => button.textContent);
      /* Questions already shown stay where they are, so that none changes under somebody's pointer. */
      const kept = shown.filter((question) => questions.includes(question));
      const all = [...kept, ...questions.filter((question) => !kept.includes(question))].slice(0, 5);
      if (all.join("\n") !== shown.join("\n")) find(".q-offers").replaceChildren(...all.map(offer));
      find("#q-suggestions").hidden = !all.length;
      if (all.length >= 5) return;
    }
    if (tries) setTimeout(() => draw(tries - 1), 5000);
  };
  app.ready(async () => {
    await firstScreen();
    draw(120);
  });
})();
