/* What all other scripts use: language and texts of the page, calls to the server, the live region.
   Nothing in these files builds HTML from text; whatever is set as HTML was rendered and escaped by the server. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const root = document.documentElement;
  app.german = (navigator.language || "de").toLowerCase().startsWith("de");
  app.text = app.words[app.german ? "de" : "en"];
  /* In one pass, so that a value is never taken for a placeholder of another one. */
  app.say = (name, values = {}) =>
    app.text[name].replace(/\{(\w+)\}/g, (place, key) => (Object.hasOwn(values, key) ? values[key] : place));

  const setLanguage = () => {
    const language = app.german ? "de" : "en";
    if (root.lang !== language) root.lang = language;
  };
  setLanguage();
  /* Gradio sets the attribute again while it starts. */
  new MutationObserver(setLanguage).observe(root, { attributes: true, attributeFilter: ["lang"] });

  app.find = (selector, from) => (from || document).querySelector(selector);
  app.all = (selector, from) => [...(from || document).querySelectorAll(selector)];
  app.narrow = () => matchMedia("(max-width: 900px)").matches;
  app.behavior = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

  /* Makes an element with text and attributes; its contents are never parsed. */
  app.make = (tag, attributes, ...content) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...content);
    return element;
  };

  /* Calls a function of the server by name; see `ui.conversation.extension.Panel.functions`. */
  app.call = async (name, argument) => {
    const config = window.gradio_config;
    const server = config.components.find((component) => component.props.elem_id === "q-server");
    const response = await fetch(`${config.root}${config.api_prefix}/component_server`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        data: argument ?? null,
        component_id: server.id,
        fn_name: name,
        session_hash: window.__gradio_session_hash__,
      }),
    });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response.json();
  };

  /* Tells screen readers something, for those who do not see the page change. */
  app.announce = (text) => {
    const status = app.find("#q-status");
    if (status) status.textContent = text;
  };

  /* What cannot be undone needs two presses: returns true at the second one, if it comes soon. */
  const PATIENCE = 5000;
  app.sure = (pressed, question) => {
    if ("sure" in pressed.dataset) return true;
    const label = pressed.textContent;
    const name = pressed.getAttribute("aria-label");
    pressed.dataset.sure = "";
    pressed.textContent = question;
    pressed.removeAttribute("aria-label");
    app.announce(question);
    setTimeout(() => {
      delete pressed.dataset.sure;
      pressed.textContent = label;
      if (name) pressed.setAttribute("aria-label", name);
    }, PATIENCE);
    return false;
  };

  /* Runs once the page is built: Gradio builds it after these scripts have been read. */
  const waiting = [];
  app.ready = (callback) => waiting.push(callback);
  const begin = () => {
    const stands = ["#q-live", "#q-evidence", "#q-turns", "#q-opened", "#q-status", "#q-question textarea", "#q-ask"];
    if (!stands.every((selector) => app.find(selector))) return void setTimeout(begin, 30);
    if (!app.find("main")) app.find("#q-talk").setAttribute("role", "main");
    const named = { "#q-talk": "answer_label", "#q-side": "side_label", "#q-article": "article_label" };
    for (const [selector, name] of Object.entries(named)) {
      app.find(selector).setAttribute("role", "region");
      app.find(selector).setAttribute("aria-label", app.text[name]);
    }
    for (const element of app.all("[data-label]")) element.setAttribute("aria-label", app.text[element.dataset.label]);
    waiting.forEach((callback) => callback());
    document.body.dataset.ready = "";
  };
  begin();
})();
