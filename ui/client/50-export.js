/* Answers as plain text and as Markdown, with their citations. */
(() => {
  "use strict";
  const app = window.quellentreu;

  app.copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      /* Not allowed, or not a secure address, as when another machine is asked by its name. */
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

  const numbers = (sentence) => sentence.citations.map((index) => `[${index + 1}]`).join("");
  const support = (sentence) => {
    if (sentence.status !== "marked") return "";
    return ` (${sentence.citations.length ? app.text.partly : app.text.bare})`;
  };
  const sentences = (answer, escape) =>
    answer.abstained || !answer.sentences.length
      ? escape(answer.answer)
      : answer.sentences
          .filter((sentence) => sentence.status !== "withdrawn")
          .map((sentence) => `${escape(sentence.text)}${numbers(sentence)}${support(sentence)}`)
          .join(" ");
  const where = (citation) => {
    const page = citation.page == null ? "" : `, ${app.text.page} ${citation.page}`;
    return `${citation.path}${page}, ${citation.start}–${citation.end}`;
  };

  app.asText = (record) => {
    const { answer } = record;
    if (!answer) return record.question;
    const cited = answer.citations.map((item, index) => `[${index + 1}] „${item.quote}“ ${item.title} (${where(item)})`);
    return [sentences(answer, (text) => text), ...(cited.length ? ["", ...cited] : [])].join("\n");
  };

  /* Everything that Markdown would take for a sign is text here. */
  const plain = (text) => text.replace(/\s*[\r\n]+\s*/g, " ").replace(/[\\`*_{}[\]<>#+\-.!|~$&]/g, "\\$&");

  app.asMarkdown = (conversation) => {
    const date = new Date(conversation.created).toLocaleString(app.german ? "de-DE" : "en-GB");
    const lines = [`# ${plain(conversation.turns[0]?.question || "")}`, "", `${app.text.done_with} ${date}`, ""];
    for (const { question, answer, error } of conversation.turns) {
      lines.push(`## ${plain(question)}`, "");
      if (!answer) {
        lines.push(`_${plain(error || app.text.stopped)}_`, "");
        continue;
      }
      lines.push(sentences(answer, plain), "");
      answer.citations.forEach((item, index) => {
        lines.push(`${index + 1}. „${plain(item.quote)}“ — ${plain(item.title)} (${plain(where(item))})`);
      });
      if (answer.citations.length) lines.push("");
    }
    return lines.join("\n");
  };

  app.download = (name, text) => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
    const link = app.make("a", { href: url, download: name, hidden: "" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
})();
