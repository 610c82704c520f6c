/* Shows the quotation behind a number while the pointer or the focus is on it. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find } = app;
  let owner = null;
  let timer = 0;

  const tip = () => {
    let element = find("#q-tip");
    if (!element) {
      const parts = ["title", "about", "quote"].map((name) => app.make("span", { class: `q-tip-${name}` }));
      element = app.make("div", { id: "q-tip", role: "tooltip", hidden: "" }, ...parts);
      /* The pointer may move onto the quotation without closing it. */
      element.addEventListener("pointerenter", () => clearTimeout(timer));
      element.addEventListener("pointerleave", () => hide());
      (find("main") || document.body).append(element);
    }
    return element;
  };

  const hide = () => {
    clearTimeout(timer);
    owner?.removeAttribute("aria-describedby");
    owner = null;
    const element = find("#q-tip");
    if (element) element.hidden = true;
  };

  app.hideQuotation = hide;

  const show = (button) => {
    clearTimeout(timer);
    if (owner === button) return;
    hide();
    const element = tip();
    find(".q-tip-title", element).textContent = button.dataset.title;
    find(".q-tip-about", element).textContent = button.dataset.about;
    find(".q-tip-quote", element).textContent = button.dataset.quote;
    element.hidden = false;
    owner = button;
    button.setAttribute("aria-describedby", "q-tip");
    const from = button.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const left = Math.max(8, Math.min(from.left - 12, innerWidth - box.width - 8));
    const below = from.bottom + 6;
    const top = below + box.height < innerHeight - 8 ? below : Math.max(8, from.top - box.height - 6);
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
  };

  const cite = (event) => event.target.closest?.(".q-cite");
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && cite(event)) show(cite(event));
  });
  document.addEventListener("pointerout", (event) => {
    if (cite(event)) timer = setTimeout(hide, 180);
  });
  document.addEventListener("focusin", (event) => {
    if (cite(event)?.matches(":focus-visible")) show(cite(event));
    else hide();
  });
  document.addEventListener("click", hide);
  document.addEventListener("scroll", hide, { capture: true, passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !owner) return;
    hide();
    event.preventDefault();
  }, { capture: true });
})();
