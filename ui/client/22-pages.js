/* Shows the pages of a PDF instead of its text: first the page of the quote, then those before and after it. */
(() => {
  "use strict";
  const app = window.quellentreu;
  const { find, all } = app;
  let wanted = null; // what the article was opened with
  let repaint = () => {};
  let here = { page: 0, marks: [] };
  let aim = 0; // the page that is being drawn: pressing twice means two pages further
  let asked = 0;
  let preferred = "page"; // as long as this window is open

  const view = () => find("#q-opened article")?.dataset.show;

  const show = (name) => {
    find("#q-opened article").dataset.show = name;
    for (const button of all("#q-opened .q-show")) button.setAttribute("aria-pressed", String(button.dataset.show === name));
    document.body.toggleAttribute("data-sheet", name === "page");
  };

  const fail = (html) => {
    all("#q-opened .q-shows").forEach((element) => element.remove());
    show("text");
    const place = find("#q-page");
    if (html) place.innerHTML = html;
    else place.replaceChildren(app.make("p", { class: "q-note", role: "status" }, app.text.sheet_failed));
  };

  /* Draws the page that contains a mark, or another one. */
  const draw = async (key, page) => {
    const wish = ++asked;
    const request = { ...wanted, first: key };
    if (page) Object.assign(request, { page, turned: true });
    const answer = await app.call("sheet", request).catch(() => null);
    if (wish !== asked || !find("#q-page")) return false;
    if (!answer?.page) {
      fail(answer?.html);
      repaint(key);
      return false;
    }
    here = answer;
    aim = here.page;
    find("#q-page").innerHTML = answer.html;
    return true;
  };

  app.openPages = async (opened, key, painted) => {
    asked += 1;
    if (!find("#q-page")) return app.closePages();
    wanted = opened;
    repaint = painted;
    here = { page: 0, marks: [] };
    show(preferred);
    if (preferred !== "page") return;
    find("#q-page").replaceChildren(app.make("p", { class: "q-note", role: "status" }, app.text.sheet_drawing));
    if (await draw(key)) repaint(key);
  };

  app.closePages = () => {
    asked += 1;
    wanted = null;
    document.body.removeAttribute("data-sheet");
  };

  /* Draws the page that contains a mark before the mark is shown. */
  app.turnTo = async (key) => {
    if (wanted && view() === "page" && !here.marks.includes(key) && (await draw(key))) repaint(key);
  };

  const leaf = async (button) => {
    const back = Number(button.dataset.leaf) < here.page;
    const next = aim + (back ? -1 : 1);
    if (next < 1 || next > here.pages) return;
    aim = next;
    if (!(await draw("", next))) return;
    repaint(here.marks[0] || "");
    const steps = all("#q-page .q-leaf");
    const again = steps[back ? 0 : 1];
    (again.disabled ? steps[back ? 1 : 0] : again).focus({ preventScroll: true });
    app.announce(find(".q-leaf-number").textContent);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("#q-opened button");
    if (!button) return;
    if (button.matches(".q-leaf")) leaf(button);
    if (!button.matches(".q-show")) return;
    preferred = button.dataset.show;
    show(preferred);
    const key = find("#q-opened mark.q-here")?.dataset.marks.split(" ")[0] || "";
    if (preferred === "page" && !here.page) await draw(key, key ? null : wanted.page || 1);
    repaint(key);
  });
})();
