/* Readers' feedback on an answer: a thumb and, if it points down, a reason. It stays on the server's machine. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all, make } = app;
  const REMEMBERED = 3;
  const REASONS = { answered: ["wrong", "incomplete", "citation", "should_abstain"], abstained: ["should_answer", ""] };

  const identity = () => `feedback-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

  /* Adds to an answer's record which articles it was restricted to. */
  const noteFilter = () => {
    const record = app.filterSent && !app.isBusy() && app.turns[app.filterSent.number - 1];
    if (!record) return;
    record.filter = app.filterSent.value;
    record.own = app.filterSent.own;
    app.filterSent = null;
  };

  /* The user's own files must not get into the test set, not even through earlier turns of the conversation. */
  const isOwn = (turn) =>
    turn.own || [...turn.answer.citations, ...turn.answer.evidence].some((item) => item.path.startsWith(".uploads/"));

  const paint = () => {
    noteFilter();
    for (const thumb of all(".q-thumb")) {
      const record = app.turns[Number(thumb.closest(".q-turn").dataset.turn) - 1];
      const pressed = String(record?.feedback?.verdict === thumb.dataset.thumb);
      if (thumb.getAttribute("aria-pressed") !== pressed) thumb.setAttribute("aria-pressed", pressed);
    }
  };

  const send = async (number, verdict, more) => {
    const record = app.turns[number - 1];
    const id = record.feedback?.id || identity();
    const before = app.turns.slice(0, record.after ?? number - 1).filter((turn) => turn.answer).slice(-REMEMBERED);
    const history = before.map((turn) => [turn.question, turn.answer.answer]);
    const own = [...before, record].some(isOwn);
    const { feedback, ...plain } = record;
    let answer;
    try {
      answer = await app.call("feedback", { id, verdict, record: plain, history, own, filter: record.filter || {}, ...more });
    } catch {
      answer = { error: app.text.lost };
    }
    if (answer.error) return answer.error;
    record.feedback = { id, verdict };
    app.store?.keep(app.turns);
    paint();
    app.announce(app.text.feedback_thanks);
    app.notice(app.text.feedback_thanks);
    setTimeout(() => find("#q-notice").textContent === app.text.feedback_thanks && app.notice(""), 5000);
    return "";
  };

  const option = (type, name, value, text) => {
    const control = make("input", { type, name, value });
    return make("label", {}, control, " ", make("bdi", {}, text));
  };

  const dialog = (number, thumb) => {
    const { answer } = app.turns[number - 1];
    const reasons = REASONS[answer.abstained ? "abstained" : "answered"];
    const sources = new Map(answer.evidence.map((item) => [item.path, item.title || item.path]));
    const error = make("p", { class: "q-flag", role: "alert", hidden: "" });
    const area = (name, label) =>
      make("label", { class: "q-feedback-field" }, make("span", {}, label), make("textarea", { name, rows: "2", maxlength: "2000" }));
    const form = make(
      "form",
      { method: "dialog" },
      make("h2", { id: "q-feedback-title" }, app.text.feedback_title),
      make("p", { class: "q-about" }, app.text.feedback_about),
      make(
        "fieldset",
        {},
        make("legend", {}, app.text.feedback_reason),
        ...reasons.map((reason) => option("radio", "reason", reason, app.text[`feedback_${reason || "other"}`])),
      ),
      area("expected", app.text.feedback_expected),
      make(
        "fieldset",
        {},
        make("legend", {}, app.text.feedback_sources),
        ...[...sources].map(([path, title]) => option("checkbox", "source", path, title)),
      ),
      area("note", app.text.feedback_note),
      error,
      make(
        "div",
        { class: "q-feedback-buttons" },
        make("button", { type: "submit", class: "q-feedback-send", value: "send" }, app.text.feedback_send),
        make("button", { type: "button", class: "q-lib-button", value: "cancel" }, app.text.cancel),
      ),
    );
    if (!sources.size) form.querySelectorAll("fieldset")[1].remove();
    form.querySelector("input[type=radio]").checked = true;
    const box = make("dialog", { id: "q-feedback", "aria-labelledby": "q-feedback-title" }, form);
    form.querySelector("[value=cancel]").addEventListener("click", () => box.close());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const failed = await send(number, "bad", {
        reason: data.get("reason") || "",
        expected: data.get("expected"),
        note: data.get("note"),
        sources: data.getAll("source"),
      });
      error.textContent = failed;
      error.hidden = !failed;
      if (!failed) box.close();
    });
    box.addEventListener("close", () => {
      box.remove();
      if (thumb.isConnected) thumb.focus();
    });
    find(".gradio-container").append(box);
    box.showModal();
  };

  document.addEventListener("click", async (event) => {
    const thumb = event.target.closest?.(".q-thumb");
    if (!thumb) return;
    const number = Number(thumb.closest(".q-turn").dataset.turn);
    if (thumb.dataset.thumb === "bad") return dialog(number, thumb);
    const failed = await send(number, "good", {});
    if (failed) app.notice(failed);
  });

  app.ready(async () => {
    const watch = new MutationObserver(paint);
    watch.observe(find("#q-turns"), { childList: true });
    watch.observe(find("#q-live"), { childList: true, subtree: true });
    try {
      if ((await app.call("feedback_state", {})).on) document.body.dataset.feedback = "";
    } catch {
      /* Without the server there is nobody to tell. */
    }
  });
})();
