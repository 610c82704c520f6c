/* The parts of an answer for copying and export; the same rules as in `rag.types.arrangement` and `ui.render.forms`. */
(() => {
  "use strict";
  const app = window.quellentreu;

  const isShown = (sentence) => sentence.status !== "withdrawn";
  const wording = (sentence) => sentence.wording || "source";
  const EDGES = /^[\s…]+|[\s….;,]+$/gu;
  const ITEMISED = ["list", "comparison", "summary", "timeline"];

  /* The program's own words: they have no citations, and nothing was searched. */
  app.isTalk = (answer) => {
    const quoted = answer.sentences.some((item) => isShown(item) && wording(item) === "source");
    return answer.kind === "talk" || (answer.kind === "other" && !quoted);
  };
  app.said = (answer) =>
    answer.sentences.filter((item) => wording(item) === "app").map((item) => item.text).join(" ") || answer.answer;
  app.isItemised = (answer) => ITEMISED.includes(answer.kind);

  /* Each answering sentence, after the context that says what it refers to. */
  const units = (answer) => {
    const together = [[]];
    for (const sentence of answer.sentences) {
      if (!isShown(sentence) || wording(sentence) === "model") continue;
      together.at(-1).push(sentence);
      if (sentence.role !== "context") together.push([]);
    }
    return together.filter((unit) => unit.length);
  };

  const withoutDoubles = (together) => {
    const kept = new Map();
    together.forEach((unit, number) => {
      const last = unit.at(-1);
      const key = last.text.replace(EDGES, "").split(/\s+/u).join(" ").toLowerCase() || `\n${number}`;
      const first = kept.get(key);
      if (!first) return kept.set(key, unit);
      const citations = [...new Set([...first.at(-1).citations, ...last.citations])];
      kept.set(key, [...first.slice(0, -1), { ...first.at(-1), citations }]);
    });
    return [...kept.values()];
  };

  /* The parts of the answer with their labels, in the order in which each part begins. */
  app.parts = (answer) => {
    const found = [];
    const places = new Map();
    for (const unit of units(answer)) {
      const group = unit.at(-1).group || unit.find((sentence) => sentence.group)?.group || "";
      const place = group ? places.get(group) : found.at(-1)?.group === "" ? found.length - 1 : undefined;
      if (place !== undefined) {
        found[place].units.push(unit);
        continue;
      }
      if (group) places.set(group, found.length);
      found.push({ group, units: [unit] });
    }
    if (!app.isItemised(answer)) return found;
    return found.map(({ group, units: together }) => ({ group, units: withoutDoubles(together) }));
  };

  /* A day or a month in words, as in `ui.render.texts.format_date`; anything else unchanged. */
  app.dateWords = (date) => {
    const [, year, month, day] = /^(\d{4})-(\d\d)(?:-(\d\d))?$/u.exec(date) || [];
    const at = new Date(Date.UTC(year, month - 1, day || 1));
    if (!year || Number.isNaN(at.getTime()) || at.getUTCMonth() !== month - 1) return date;
    const form = { year: "numeric", month: "long", timeZone: "UTC", ...(day && { day: "numeric" }) };
    return at.toLocaleDateString(app.german ? "de-DE" : "en-GB", form);
  };

  app.searched = (answer) => {
    if (!answer.searched) return "";
    const [looked, there] = answer.searched;
    return looked === 1 && there === 1 ? app.text.searched_one : app.say("searched", { looked, there });
  };
})();
