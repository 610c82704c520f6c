/* The map of the articles, above their list; the passages of the last answer are ringed in it. It takes more room
   than the list and some work on the server, so it is collapsed until somebody opens it. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all, make } = app;
  const LOOK_EVERY = 700;
  const PATIENCE = 120;
  const OPEN = "quellentreu.map";

  const cited = () => app.turns.findLast((turn) => turn.answer)?.answer;

  const mark = () => {
    const answer = cited();
    const places = answer ? [...answer.citations, ...(answer.abstained ? answer.evidence : [])] : [];
    const counts = new Map();
    for (const dot of all("#q-map .q-dot")) {
      const { path, start, end, topic } = dot.dataset;
      const on = places.some((one) => one.path === path && one.start < Number(end) && Number(start) < one.end);
      dot.classList.toggle("q-dot-on", on);
      if (on) counts.set(topic, (counts.get(topic) || 0) + 1);
    }
    for (const item of all("#q-map .q-topics > li")) {
      const count = counts.get(item.dataset.topic);
      find(".q-map-here", item).textContent = count ? app.say("map_here", { count }) : "";
    }
    const note = find("#q-map .q-map-marked");
    if (note) note.hidden = !counts.size;
    /* Ringed dots must not lie under the others. */
    for (const dot of all("#q-map .q-dot-on")) dot.parentElement.append(dot);
  };

  const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  const ask = async () => {
    try {
      return await app.call("library_map", {});
    } catch {
      return { state: "lost" };
    }
  };

  let asking = false;
  const show = async () => {
    const place = find("#q-map");
    if (!place || asking || !find("#q-overview").open) return;
    if (place.dataset.drawn !== undefined) return mark();
    asking = true;
    let answer = await ask();
    for (let left = PATIENCE; answer.state === "making" && left; left -= 1) {
      place.replaceChildren(make("p", { class: "q-note" }, app.text.map_making));
      await pause();
      answer = await ask();
    }
    asking = false;
    if (answer.state !== "ready") {
      const why = { making: app.text.map_making, lost: app.text.lost }[answer.state] || app.text.map_none;
      return place.replaceChildren(make("p", { class: "q-note" }, why));
    }
    place.dataset.drawn = "";
    /* Rendered and escaped by the server. */
    place.innerHTML = answer.html;
    place.prepend(make("p", { class: "q-about" }, answer.label));
    find("svg", place).after(make("p", { class: "q-note q-map-marked", hidden: "" }, app.text.map_marked));
    mark();
  };

  document.addEventListener("quellentreu:library", () => {
    const box = find("#q-overview");
    try {
      box.open = sessionStorage.getItem(OPEN) === "1";
    } catch {
      /* Without storage the map starts collapsed. */
    }
    box.addEventListener("toggle", () => {
      try {
        sessionStorage.setItem(OPEN, box.open ? "1" : "");
      } catch {
        /* Without storage the state lasts as long as the page. */
      }
      show();
    });
  });
  document.addEventListener("quellentreu:panel", (event) => event.detail === "library" && show());
  document.addEventListener("click", (event) => {
    const dot = event.target.closest?.(".q-dot");
    if (dot) app.openArticle(dot);
  });
})();
