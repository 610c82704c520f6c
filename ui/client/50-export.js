/* Answers as plain text, HTML and Markdown: the same words, the same ones in bold, each sentence with its source. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { make } = app;

  /* HTML is copied in addition to the text, so that bold words are kept wherever it is pasted, if possible. */
  const write = (text, html) => {
    if (!html || !window.ClipboardItem) return navigator.clipboard.writeText(text);
    const blob = (type, content) => new Blob([content], { type });
    return navigator.clipboard.write([
      new ClipboardItem({ "text/plain": blob("text/plain", text), "text/html": blob("text/html", html) }),
    ]);
  };
  app.copy = async (text, html) => {
    try {
      await write(text, html);
      return true;
    } catch {
      /* Not allowed, or not a secure context, as when another machine is addressed by its name. */
      const box = app.make("textarea", { style: "position:fixed;opacity:0", "aria-hidden": "true" });
      box.value = text;
      const focused = document.activeElement;
      document.body.append(box);
      box.select();
      const good = document.execCommand("copy");
      box.remove();
      focused?.focus();
      return good;
    }
  };

  const single = (text) => text.replace(/\s*[\r\n]+\s*/g, " ");

  /* A sentence in pieces, the answering ones marked; offsets count code points, not the browser's UTF-16 units. */
  const pieces = (sentence) => {
    const points = [...sentence.text];
    const found = [];
    let at = 0;
    const take = (end, bold) => {
      if (end > at) found.push({ text: single(points.slice(at, end).join("")), bold });
      at = Math.max(at, end);
    };
    for (const [start, end] of [...(sentence.emphasis || [])].sort((a, b) => a[0] - b[0])) {
      take(Math.min(start, points.length), false);
      take(Math.min(end, points.length), true);
    }
    take(points.length, false);
    return found;
  };
  const shown = (answer, wording) =>
    answer.sentences.filter((item) => item.status !== "withdrawn" && (item.wording || "source") === wording);
  /* A heading gets its own line, as in `ui.render.sentences`. */
  const hasEnded = (sentence) => /[.!?…:;]["'”’“‘»«›‹)\]]*\s*$/u.test(sentence.text);
  const cited = (answer, sentence) => sentence.citations.map((index) => [index, answer.citations[index]]).filter(([, item]) => item);
  const where = (citation) => {
    const { page: number, page_label: label } = citation;
    const named = label ? app.say("page_labelled", { label, page: number }) : `${app.text.page} ${number}`;
    const page = number == null ? "" : `, ${named}`;
    const others = citation.also_in?.length ? `, ${app.say("also_in", { names: citation.also_in.join(", ") })}` : "";
    const machine = citation.machine_read ? `, ${app.text.machine_read}` : "";
    return `${citation.path}${page}, ${citation.start}–${citation.end}${others}${machine}`;
  };
  const support = (sentence) => {
    if (sentence.status !== "marked") return "";
    return ` (${sentence.citations.length ? app.text.partly : app.text.bare})`;
  };
  /* A sentence in the source's words is its own quotation; one worded otherwise needs a quotation beside it. */
  const words = (text) => single(text).replace(/^… | …$/g, "").trim();
  const isQuoted = (answer, index) =>
    answer.sentences.some((item) => item.citations.includes(index) && words(answer.citations[index].quote).includes(words(item.text)));
  const source = (answer, index, citation) => {
    const quote = isQuoted(answer, index) ? "" : `„${single(citation.quote)}“ `;
    return `${quote}${citation.title} (${where(citation)})`;
  };

  const bare = (answer) => answer.abstained || !app.parts(answer).length;
  const bareText = (answer) => (app.isTalk(answer) ? app.said(answer) : answer.answer);
  const isPlain = (answer) => app.isTalk(answer) || bare(answer);

  const sources = (answer, unit) =>
    unit.flatMap((sentence) => cited(answer, sentence)).map(([index, citation]) => `— ${source(answer, index, citation)}`);
  /* The label of a part: a date before each of its events, anything else above the part. */
  const dated = (answer) => answer.kind === "timeline";
  const date = (answer, group) => (dated(answer) && group ? `${app.dateWords(single(group))}: ` : "");
  const heading = (answer, group) => (dated(answer) ? "" : single(group));

  /* Each sentence with its source below it, so that no numbers are needed. */
  app.asText = ({ question, answer }) => {
    if (!answer) return question;
    const looked = app.isTalk(answer) ? "" : app.searched(answer);
    if (isPlain(answer)) return [bareText(answer), looked].filter(Boolean).join("\n\n");
    const sign = app.isItemised(answer) ? "- " : "";
    const paragraphs = app.parts(answer).flatMap(({ group, units }) => {
      const said = units.map((unit) => {
        const words = unit.map((sentence, at) => {
          const between = at === unit.length - 1 ? "" : hasEnded(sentence) ? " " : "\n";
          return `${single(sentence.text)}${support(sentence)}${between}`;
        });
        const lines = [`${sign}${date(answer, group)}${words.join("")}`, ...sources(answer, unit)];
        return lines.join(sign ? "\n  " : "\n");
      });
      return heading(answer, group) ? [heading(answer, group), ...said] : said;
    });
    const translated = shown(answer, "model").map((sentence) => single(sentence.text));
    if (translated.length) paragraphs.push([`${app.text.translation}:`, ...translated].join("\n"));
    return [...paragraphs, looked].filter(Boolean).join("\n\n");
  };

  app.asHtml = ({ question, answer }) => {
    if (!answer) return make("p", {}, question).outerHTML;
    const looked = app.isTalk(answer) || !app.searched(answer) ? [] : [make("p", {}, app.searched(answer))];
    if (isPlain(answer)) return [make("p", {}, bareText(answer)), ...looked].map((part) => part.outerHTML).join("");
    const itemised = app.isItemised(answer);
    const content = (unit, group) => {
      const said = unit.flatMap((sentence, at) => {
        const words = pieces(sentence).map(({ text, bold }) => (bold ? make("strong", {}, text) : text));
        const between = at === unit.length - 1 ? "" : hasEnded(sentence) ? " " : make("br");
        return [...words, support(sentence), between];
      });
      return [date(answer, group), ...said, ...sources(answer, unit).flatMap((line) => [make("br"), line])];
    };
    const paragraphs = app.parts(answer).flatMap(({ group, units }) => {
      const label = heading(answer, group) ? [make("h3", {}, heading(answer, group))] : [];
      if (!itemised) return [...label, ...units.map((unit) => make("p", {}, ...content(unit, group)))];
      return [...label, make("ul", {}, ...units.map((unit) => make("li", {}, ...content(unit, group))))];
    });
    const translated = shown(answer, "model").flatMap((sentence) => [make("br"), single(sentence.text)]);
    if (translated.length) paragraphs.push(make("p", {}, `${app.text.translation}:`, ...translated));
    return [...paragraphs, ...looked].map((paragraph) => paragraph.outerHTML).join("");
  };

  /* Everything that Markdown would take for markup is text here. */
  const plain = (text) => single(text).replace(/[\\`*_{}[\]<>#+\-.!|~$&]/g, "\\$&").replace(/^(\s*\d+)\)/, "$1\\)");
  const inMarkdown = (sentence) => {
    const all = pieces(sentence);
    return all
      .map(({ text, bold }, at) => {
        const [, before, middle, after] = text.match(/^(\s*)(.*?)(\s*)$/su);
        /* Markdown takes bold markup inside a word as text. */
        const within = /[\p{L}\p{N}]$/u.test(all[at - 1]?.text ?? "") && !before;
        const goesOn = /^[\p{L}\p{N}]/u.test(all[at + 1]?.text ?? "") && !after;
        return bold && middle && !within && !goesOn ? `${before}**${plain(middle)}**${after}` : plain(text);
      })
      .join("");
  };

  const answerLines = (answer) => {
    const looked = app.isTalk(answer) || !app.searched(answer) ? [] : [`_${plain(app.searched(answer))}_`, ""];
    if (isPlain(answer)) return [plain(bareText(answer)), "", ...looked];
    const lines = [];
    for (const { group, units } of app.parts(answer)) {
      if (heading(answer, group)) lines.push(`### ${plain(heading(answer, group))}`, "");
      for (const unit of units) {
        const said = unit.map((sentence) => {
          const numbers = cited(answer, sentence).map(([index]) => `[${index + 1}]`).join("");
          return `${inMarkdown(sentence)}${numbers && ` ${numbers}`}${support(sentence)}`;
        });
        const sign = app.isItemised(answer) || unit.at(-1).listed ? "- " : "";
        lines.push(`${sign}${plain(date(answer, group))}${said.join(" ")}`, "");
      }
    }
    const translated = shown(answer, "model");
    if (translated.length) lines.push(`> _${plain(app.text.translation)}:_ ${translated.map((item) => plain(item.text)).join(" ")}`, "");
    lines.push(...looked);
    /* A question needs an introduction; a sentence is written as it is. */
    for (const part of answer.unanswered || []) {
      lines.push(part.endsWith("?") ? `_${plain(app.text.silent_on)}: ${plain(part)}_` : `_${plain(part)}_`, "");
    }
    answer.citations.forEach((item, index) => lines.push(`${index + 1}. ${plain(source(answer, index, item))}`));
    if (answer.citations.length) lines.push("");
    return lines;
  };

  app.asMarkdown = (conversation) => {
    const date = new Date(conversation.created).toLocaleString(app.german ? "de-DE" : "en-GB");
    const lines = [`# ${plain(app.store.title(conversation))}`, "", `${app.text.done_with} ${date}`, ""];
    for (const { question, answer, error } of conversation.turns) {
      lines.push(`## ${plain(question)}`, "");
      if (answer) lines.push(...answerLines(answer));
      else lines.push(`_${plain(error || app.text.stopped)}_`, "");
    }
    return lines.join("\n");
  };

  app.download = (name, text, type = "text/markdown") => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = app.make("a", { href: url, download: name, hidden: "" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
})();
