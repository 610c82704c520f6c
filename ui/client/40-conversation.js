/* The conversation: what is sent with a question, what happens to its answer, and what can be done with it. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all } = app;
  const REMEMBERED = 3;
  const PATIENCE = 3000;

  /* One record per question, as `ui.conversation.records.Record` reads it. */
  app.turns = [];
  let token = "";
  let asking = null;
  let chosen = null;
  let editing = null;

  const live = () => find("#q-live");
  const isFresh = (turn) => Boolean(turn) && turn.dataset.token === token;
  app.isBusy = () => "busy" in document.body.dataset;

  /* ---- the list of evidence that belongs to a question ---- */
  app.showList = (number) => {
    for (const list of all(".q-list")) {
      /* Gradio undoes changes to what it draws, so the mark is on the element around it. */
      const drawn = list.closest("#q-evidence");
      (drawn || list).toggleAttribute("data-chosen", list.dataset.turn === String(number));
    }
  };

  /* ---- asking ---- */
  const longest = () => Number(find("#q-status").dataset.longest) || Infinity;
  /* In code points, as the server counts. */
  const lengthOf = (question) => [...question].length;

  const settle = () => {
    /* A finished turn moves out of the part of the page that Gradio draws, and stays as it is. */
    const turn = find(".q-turn", live());
    const list = find("#q-evidence .q-list");
    const over = turn && turn.dataset.state !== "busy";
    if (over) find("#q-turns").append(turn.cloneNode(true));
    if (over && list) find("#q-lists").append(list.cloneNode(true));
    turn?.remove();
    list?.remove();
  };

  const cut = (length) => {
    app.turns.length = Math.min(app.turns.length, length);
    for (const element of all("#q-turns .q-turn, #q-lists .q-list")) {
      if (Number(element.dataset.turn) > length) element.remove();
    }
  };

  app.sending = {};

  /* Called by Gradio before a question is sent; the return value is sent. */
  app.prepare = (typed, context, ...values) => {
    const { question: given, fresh = false, after = null, kind = null } = chosen || { question: typed };
    const fromBox = chosen === null;
    chosen = null;
    const question = (given ?? "").trim();
    if (!question || app.isBusy()) return ["", "", ...values];
    if (lengthOf(question) > longest()) {
      /* It stays in the box: the server empties the box only when it has accepted a question. */
      app.notice(app.say("too_long", { count: lengthOf(question), limit: longest() }));
      app.announce(find("#q-notice").textContent);
      return ["", "", ...values];
    }
    if (app.broken) {
      app.recover({ question, number: fromBox && editing !== null ? editing : app.turns.length + 1, fresh, after, kind });
      return ["", "", ...values];
    }
    if (editing === null) app.notice("");
    app.closeArticle();
    settle();
    if (fromBox && editing !== null) cut(editing - 1);
    app.endEditing();
    token = crypto.getRandomValues(new Uint32Array(2)).join("-");
    asking = { question, number: app.turns.length + 1, after, kind, since: Date.now(), begun: false, found: false };
    document.body.dataset.busy = "";
    /* A question that is asked again is understood from what came before it the first time. */
    const told = (turn) => turn.answer && !app.isTalk(turn.answer); /* small talk has no follow-up questions */
    const answered = app.turns.slice(0, after ?? app.turns.length).filter(told);
    const history = answered.slice(-REMEMBERED).map((turn) => [turn.question, turn.answer.answer]);
    app.store?.pending({ question, number: asking.number, fresh, after, kind });
    app.withdrawOffers?.();
    app.identify?.();
    app.showPanel?.("evidence");
    app.announce(app.text.searching);
    /* A value that begins with "@" is replaced by what the panel's script of that name returns. */
    const sent = values.map((value) => (String(value).startsWith("@") ? app.sending[value]?.() ?? "" : value));
    return [question, JSON.stringify({ number: asking.number, token, history, fresh, kind }), ...sent];
  };

  /* Asks a question that is not in the box: `fresh` if a remembered answer must not be used, `after` how many of the
     questions so far it is understood from, `kind` the form that was chosen for its answer. */
  app.ask = (question, { fresh = false, after = null, kind = null } = {}) => {
    if (app.isBusy()) return;
    chosen = { question, fresh, after, kind };
    find("#q-ask").click();
  };

  /* The articles contain no answer, and no other question is offered. */
  const isUnanswered = (answer) => Boolean(answer?.abstained) && !app.isTalk(answer) && !answer.following?.length;

  /* Keeps a question that has ended, however it ended. */
  const finish = (record) => {
    const { after, kind } = asking;
    app.turns[asking.number - 1] = { ...record, ...(after !== null && { after }), ...(kind !== null && { form: kind }) };
    asking = null;
    delete document.body.dataset.busy;
    app.store?.keep(app.turns);
    const { state, answer, error } = record;
    if (answer && app.isTalk(answer)) app.announce(app.said(answer));
    else if (answer) app.announce(`${answer.abstained ? app.text.abstained : app.text.answered}: ${answer.answer}`);
    else app.announce(state === "stopped" ? app.text.stopped : error);
    if (isUnanswered(answer)) app.offerInstead?.(answer);
  };

  /* Ends a question on the page if the server did not end it. */
  app.breakOff = (state, remedy, how = "failed") => {
    if (!asking) return;
    const record = { question: asking.question, state: how, error: `${state} ${remedy}`.trim(), answer: null };
    const number = asking.number;
    /* What has been checked so far stays. */
    const checked = isFresh(find(".q-turn", live())) ? all(".q-body, .q-translation", live()) : [];
    token = "";
    const actions = app.make("div", { class: "q-actions", role: "group", "aria-label": app.text.actions });
    for (const name of ["retry", "edit"]) {
      actions.append(app.make("button", { type: "button", class: "q-action", "data-action": name }, app.text[name]));
    }
    const failure = app.make(
      "div",
      { class: how === "failed" ? "q-error" : "q-halt" },
      app.make("p", { class: how === "failed" ? "q-state" : "q-note" }, state),
      ...(remedy ? [app.make("p", {}, remedy)] : []),
    );
    const turn = app.make(
      "section",
      { class: "q-turn", "data-turn": number, "data-state": how },
      app.make("h2", { class: "q-question", dir: "auto" }, record.question),
      app.make("div", { class: "q-answer" }, ...checked.map((part) => part.cloneNode(true)), failure, actions),
    );
    find("#q-turns").append(turn);
    find(".q-turn", live())?.remove();
    finish(record);
    turn.scrollIntoView({ block: "nearest", behavior: app.behavior() });
  };

  /* ---- what can be done with an answer ---- */
  app.endEditing = () => {
    if (editing === null) return;
    editing = null;
    app.notice("");
  };

  app.notice = (text, cancel) => {
    const notice = find("#q-notice");
    notice.hidden = !text;
    notice.replaceChildren(text);
    if (text && cancel) notice.append(app.make("button", { type: "button", class: "q-cancel" }, app.text.cancel));
  };

  app.fill = (text) => {
    const box = find("#q-question textarea");
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    box.setSelectionRange(text.length, text.length);
  };

  const told = (button, text) => {
    const label = button.textContent;
    button.textContent = text;
    app.announce(text);
    setTimeout(() => (button.textContent = label), 1600);
  };

  const copied = async (button, text, done, html) =>
    told(button, (await app.copy(text, html)) ? done : app.text.not_copied);

  /* The server makes the file from what was kept, after comparing it with the articles. */
  const saved = async (button, { answer, question, state }) => {
    const lost = () => ({ error: app.text.lost });
    const { html, error } = await app.call("receipt", { record: { question, state, error: "", answer } }).catch(lost);
    if (error) return void (app.notice(error), app.announce(error));
    const words = question.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-");
    const name = [...words].slice(0, 60).join("").replace(/^-+|-+$/g, "");
    app.download(`${app.german ? "beleg" : "receipt"}-${name || "1"}.html`, html, "text/html");
    told(button, app.text.receipt_saved);
  };

  /* The last question is answered again in its place, an earlier one at the end: what came after it stays. */
  const again = (number, how) => {
    const { question, after } = app.turns[number - 1];
    const last = number === app.turns.length;
    const wanted = { after: after ?? number - 1, ...how };
    if (app.isBusy()) return;
    if (app.broken) return void app.recover({ question, number: last ? number : app.turns.length + 1, ...wanted });
    settle();
    if (last) cut(number - 1);
    app.ask(question, wanted);
  };

  const actions = {
    retry: (number) => again(number, { fresh: true, kind: app.turns[number - 1].form ?? null }),
    form: (number, button) => again(number, { kind: button.dataset.kind }),
    edit: (number) => {
      if (app.isBusy()) return;
      editing = number;
      app.notice(app.text.editing, true);
      app.fill(app.turns[number - 1].question);
    },
    copy: (number, button) => {
      const record = app.turns[number - 1];
      copied(button, app.asText(record), app.text.copied, app.asHtml(record));
    },
    link: (number, button) => {
      const url = new URL(location.href);
      url.search = new URLSearchParams({ q: app.turns[number - 1].question });
      url.hash = "";
      copied(button, url.href, app.text.link_copied);
    },
    receipt: (number, button) => saved(button, app.turns[number - 1]),
    evidence: (number) => {
      app.closeArticle();
      app.showPanel?.("evidence");
      app.showList(number);
      find("#q-side").scrollTo({ top: 0 });
      if (app.narrow()) find("#q-side").scrollIntoView({ block: "start", behavior: app.behavior() });
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.matches(".q-action")) {
      actions[button.dataset.action](Number(button.closest(".q-turn").dataset.turn), button);
    } else if (button.matches(".q-cancel")) {
      app.endEditing();
      app.fill("");
    } else if (button.matches(".q-example")) {
      app.ask(button.textContent);
    } else if (button.matches("#q-clear")) {
      app.startOver();
    } else if (button.matches("#q-stop")) {
      /* A server that has nothing to stop, or is gone, does not reply. */
      const stopped = asking;
      setTimeout(() => stopped && asking === stopped && app.breakOff(app.text.stopped, "", "stopped"), PATIENCE);
    }
  });
  /* Escape ends what is innermost: a quotation, a dialog, an article, editing, and last the answer under way. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (document.body.dataset.view === "article" || find("dialog[open]") || event.target.matches?.("input")) return;
    if (editing !== null) {
      app.endEditing();
      app.fill("");
    } else if (app.isBusy()) {
      find("#q-stop").click();
    }
  });

  /* ---- other conversations ---- */
  app.startOver = () => {
    if (app.isBusy()) find("#q-stop").click();
    asking = null;
    token = "";
    delete document.body.dataset.busy;
    app.closeArticle();
    app.endEditing();
    app.turns = [];
    for (const element of all(".q-turn, .q-list")) element.remove();
    app.withdrawOffers?.();
    app.store?.begin();
    app.showPanel?.("evidence");
    find("#q-question textarea").focus();
  };

  app.show = async (records) => {
    const { turns, lists } = await app.call("restore", { records });
    app.startOver();
    app.turns = records;
    /* Rendered and escaped by the server. */
    find("#q-turns").innerHTML = turns.join("");
    find("#q-lists").innerHTML = lists.join("");
    app.showList(records.length);
    if (isUnanswered(records.at(-1)?.answer)) app.offerInstead?.(records.at(-1).answer);
    find("#q-turns").lastElementChild?.scrollIntoView({ block: "start", behavior: "auto" });
  };

  /* ---- what Gradio draws ---- */
  app.ready(() => {
    const scroll = find("#q-scroll");
    find("#q-stop").setAttribute("aria-keyshortcuts", "Escape");
    let follow = true;
    const port = () => (app.narrow() ? document.scrollingElement : scroll);
    const atEnd = () => port().scrollHeight - port().scrollTop - port().clientHeight < 120;
    addEventListener("scroll", () => (follow = atEnd()), { capture: true, passive: true });
    const showStart = () =>
      find(".q-turn", live()).scrollIntoView({ block: app.narrow() ? "start" : "nearest", behavior: app.behavior() });
    new MutationObserver(() => {
      const turn = find(".q-turn", live());
      if (turn && !isFresh(turn)) return turn.remove();
      if (!turn || !asking) return;
      if (!asking.begun) {
        asking.begun = true;
        showStart();
        follow = true;
      } else if (follow && !app.narrow()) {
        scroll.scrollTop = scroll.scrollHeight;
      }
      asking.since = Date.now();
      if (turn.dataset.state !== "busy") finish(JSON.parse(turn.dataset.record));
    }).observe(live(), { childList: true, subtree: true, characterData: true });
    new MutationObserver(() => {
      const list = find("#q-evidence .q-list");
      if (!list) return;
      if (asking) {
        asking.since = Date.now();
        /* Only now is a narrow page long enough for the question to be scrolled to its top. */
        if (!asking.found && app.narrow() && find(".q-turn", live())) showStart();
        asking.found = true;
      }
      const opened = document.body.dataset.view === "article";
      if (!opened) app.showList(list.dataset.turn);
    }).observe(find("#q-evidence"), { childList: true, subtree: true });
  });
  app.silence = () => (asking ? Date.now() - asking.since : 0);
})();
