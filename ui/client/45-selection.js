/* Selecting and copying takes only the text, with its bold words: no numbers, flags, labels or buttons. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all, make } = app;
  /* The style sheet prevents selecting these, but not every browser then leaves them out when copying. */
  const LEFT_OUT = "script, style, .q-cites, .q-flag, .q-unseen, .q-number, .q-draft-label, .q-actions, .q-forms, .q-struck, .q-following";
  const KEPT = ["lang", "dir"];

  const selected = (selection) => {
    const ranges = Array.from({ length: selection.rangeCount }, (_, number) => selection.getRangeAt(number));
    const parts = all(".q-turn, .q-list");
    const touched = ranges.some((range) => !range.collapsed && parts.some((part) => range.intersectsNode(part)));
    return touched ? ranges.map((range) => range.cloneContents()) : [];
  };

  document.addEventListener("copy", (event) => {
    const box = event.target.closest?.("input, textarea");
    const contents = event.defaultPrevented || box ? [] : selected(getSelection());
    if (!contents.length) return;
    const copy = make("div", { class: "q-copying", "aria-hidden": "true" }, ...contents);
    for (const part of all(LEFT_OUT, copy)) part.remove();
    /* Only rendered elements have line breaks where a reader sees them. */
    find(".gradio-container").append(copy);
    const text = copy.innerText.trim();
    copy.remove();
    for (const part of all("*", copy)) {
      for (const name of part.getAttributeNames()) if (!KEPT.includes(name)) part.removeAttribute(name);
    }
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", copy.innerHTML);
    event.preventDefault();
  });
})();
