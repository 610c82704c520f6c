/* As much of a page as the scripts touch: elements, selectors, events. No HTML is parsed, nothing is laid out. */

const escapeText = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const camel = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/* ---- selectors: tags, ids, classes, attributes, descendants, children, and lists of these ---- */
const PART = /^(?:([a-z][a-z0-9]*)|#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([\w-]+)))?\])/i;
const unescape = (text) => text.replace(/\\(.)/g, "$1");

const tests = (compound) => {
  const found = [];
  if (compound === "*") return found;
  for (let rest = compound; rest; ) {
    const match = rest.match(PART);
    if (!match) throw new Error(`The stub of the page does not know the selector ${compound}.`);
    const [all, tag, id, name, attribute, quoted, bare] = match;
    const wanted = quoted === undefined ? bare : unescape(quoted);
    if (tag) found.push((element) => element.localName === tag);
    else if (id) found.push((element) => element.id === id);
    else if (name) found.push((element) => element.classList.contains(name));
    else found.push((element) => (wanted === undefined ? element.hasAttribute(attribute) : element.getAttribute(attribute) === wanted));
    rest = rest.slice(all.length);
  }
  return found;
};

const fits = (element, steps) => {
  const [last, ...before] = [...steps].reverse();
  if (!tests(last).every((test) => test(element))) return false;
  if (!before.length) return true;
  const direct = before[0] === ">";
  const rest = (direct ? before.slice(1) : before).reverse();
  for (let above = element.parentElement; above; above = above.parentElement) {
    if (fits(above, rest)) return true;
    if (direct) return false;
  }
  return false;
};

const matches = (element, selector) => selector.split(",").some((one) => fits(element, one.trim().split(/\s+/)));

/* ---- nodes ---- */
class Text {
  parentElement = null;
  constructor(text) {
    this.textContent = text;
  }
  get outerHTML() {
    return escapeText(this.textContent);
  }
  cloneNode() {
    return new Text(this.textContent);
  }
}

class Target {
  #listeners = new Map();
  addEventListener(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) || []), listener]);
  }
  hear(event) {
    for (const listener of this.#listeners.get(event.type) || []) listener.call(this, event);
  }
}

/* An event as the scripts read it. */
export const makeEvent = (type, more = {}) => ({
  type,
  defaultPrevented: false,
  preventDefault() {
    this.defaultPrevented = true;
  },
  ...more,
});

class Element extends Target {
  nodes = [];
  parentElement = null;
  style = {};
  scrollTop = 0;
  scrollHeight = 0;
  clientHeight = 0;
  value = "";
  #attributes = new Map();
  #html = "";

  constructor(tag, owner) {
    super();
    this.localName = tag.toLowerCase();
    this.owner = owner;
  }

  /* attributes */
  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }
  setAttribute(name, value) {
    this.#attributes.set(name, String(value));
    if (name === "value") this.value = String(value); /* as long as nobody has typed */
  }
  hasAttribute(name) {
    return this.#attributes.has(name);
  }
  removeAttribute(name) {
    this.#attributes.delete(name);
  }
  toggleAttribute(name, on = !this.hasAttribute(name)) {
    if (on) this.setAttribute(name, this.getAttribute(name) ?? "");
    else this.removeAttribute(name);
  }
  getAttributeNames() {
    return [...this.#attributes.keys()];
  }
  get type() {
    return this.getAttribute("type") ?? "";
  }
  get id() {
    return this.getAttribute("id") ?? "";
  }
  set id(value) {
    this.setAttribute("id", value);
  }
  get hidden() {
    return this.hasAttribute("hidden");
  }
  set hidden(on) {
    this.toggleAttribute("hidden", Boolean(on));
  }
  get dataset() {
    return new Proxy(this, {
      get: (element, name) => element.getAttribute(`data-${kebab(name)}`) ?? undefined,
      set: (element, name, value) => (element.setAttribute(`data-${kebab(name)}`, value), true),
      has: (element, name) => element.hasAttribute(`data-${kebab(name)}`),
      deleteProperty: (element, name) => (element.removeAttribute(`data-${kebab(name)}`), true),
      ownKeys: (element) => element.getAttributeNames().filter((name) => name.startsWith("data-")).map((name) => camel(name.slice(5))),
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    });
  }
  get classList() {
    const names = () => (this.getAttribute("class") ?? "").split(/\s+/).filter(Boolean);
    const set = (all) => this.setAttribute("class", [...new Set(all)].join(" "));
    return {
      contains: (name) => names().includes(name),
      toggle: (name, on = !names().includes(name)) => set(on ? [...names(), name] : names().filter((other) => other !== name)),
    };
  }

  /* the tree */
  get children() {
    return this.nodes.filter((node) => node instanceof Element);
  }
  get options() {
    return this.children;
  }
  get firstElementChild() {
    return this.children[0] ?? null;
  }
  get lastElementChild() {
    return this.children.at(-1) ?? null;
  }
  get isConnected() {
    return this === this.owner.documentElement || Boolean(this.parentElement?.isConnected);
  }
  #put(at, content) {
    const nodes = content.map((item) => (item instanceof Element || item instanceof Text ? item : new Text(String(item))));
    let place = at;
    for (const node of nodes) {
      if (node.parentElement === this && this.nodes.indexOf(node) < place) place -= 1;
      node.remove?.();
      node.parentElement = this;
    }
    this.nodes.splice(place, 0, ...nodes);
  }
  append(...content) {
    this.#put(this.nodes.length, content);
  }
  prepend(...content) {
    this.#put(0, content);
  }
  before(...content) {
    this.parentElement.#put(this.parentElement.nodes.indexOf(this), content);
  }
  after(...content) {
    this.parentElement.#put(this.parentElement.nodes.indexOf(this) + 1, content);
  }
  replaceWith(...content) {
    this.before(...content);
    this.remove();
  }
  replaceChildren(...content) {
    for (const node of this.nodes) node.parentElement = null;
    this.nodes = [];
    this.#html = "";
    this.append(...content);
  }
  remove() {
    if (!this.parentElement) return;
    this.parentElement.nodes = this.parentElement.nodes.filter((node) => node !== this);
    this.parentElement = null;
  }
  cloneNode() {
    const copy = new Element(this.localName, this.owner);
    for (const name of this.getAttributeNames()) copy.setAttribute(name, this.getAttribute(name));
    copy.append(...this.nodes.map((node) => node.cloneNode(true)));
    return copy;
  }
  get textContent() {
    return this.nodes.map((node) => node.textContent).join("");
  }
  set textContent(text) {
    this.replaceChildren(...(text === "" ? [] : [text]));
  }
  /* What is set as HTML is kept as it is, or becomes what a test says that it stands for. */
  get innerHTML() {
    return this.#html + this.nodes.map((node) => node.outerHTML).join("");
  }
  set innerHTML(html) {
    this.replaceChildren();
    const drawn = this.owner.drawn.get(html);
    if (drawn) this.append(...drawn());
    else this.#html = html;
  }
  get outerHTML() {
    const quote = (value) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    const attributes = this.getAttributeNames().map((name) => ` ${name}="${quote(this.getAttribute(name))}"`);
    const open = `<${this.localName}${attributes.join("")}>`;
    return ["br", "input"].includes(this.localName) ? open : `${open}${this.innerHTML}</${this.localName}>`;
  }

  /* looking for elements */
  *descendants() {
    for (const child of this.children) {
      yield child;
      yield* child.descendants();
    }
  }
  matches(selector) {
    return matches(this, selector);
  }
  closest(selector) {
    if (this.matches(selector)) return this;
    return this.parentElement?.closest(selector) ?? null;
  }
  querySelectorAll(selector) {
    return [...this.descendants()].filter((element) => element.matches(selector));
  }
  querySelector(selector) {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  /* what a person does */
  dispatchEvent(event) {
    const bubbling = event.target ? event : Object.assign(makeEvent(event.type, event), { target: this });
    for (let element = this; element; element = element.parentElement) element.hear(bubbling);
    this.owner.hear(bubbling);
  }
  click() {
    this.dispatchEvent(makeEvent("click"));
  }
  focus() {
    this.owner.activeElement = this;
  }
  select() {}
  setSelectionRange() {}
  scrollIntoView() {}
  scrollTo() {}
  getClientRects() {
    return [{}];
  }
  getBoundingClientRect() {
    return { left: 0, top: 0, bottom: 0, width: 0, height: 0 };
  }
}

export class Document extends Target {
  visibilityState = "visible";
  activeElement = null;
  drawn = new Map();
  constructor() {
    super();
    this.documentElement = this.createElement("html");
    this.body = this.createElement("body");
    this.documentElement.append(this.body);
    this.scrollingElement = this.documentElement;
  }
  createElement(tag) {
    return new Element(tag, this);
  }
  querySelector(selector) {
    return this.documentElement.querySelector(selector);
  }
  querySelectorAll(selector) {
    return this.documentElement.querySelectorAll(selector);
  }
  dispatchEvent(event) {
    this.hear(event);
  }
}
