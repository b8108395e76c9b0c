// One knowledge graph: canvas, list of entities, evidence, downloads.
// Names and sentences are untrusted: they go into textContent, canvas text and XML nodes, never into HTML.
import { prepared } from "./graph_boxes.js";
import { look, paints } from "./graph_look.js";
import { fileOf, png } from "./graph_save.js";
import { toSvg } from "./graph_svg.js";

const MANY = 150;
const CLOSEST = 1.25;
const MARGIN = 28;

const address = (name) => new URL(name, import.meta.url).href;
const underway = new Map();
function attach(tag, key, url) {
  const attributes = { rel: "stylesheet", [key]: url };
  if (!underway.has(url)) {
    underway.set(url, new Promise((resolve, reject) => {
      const handlers = { onload: resolve, onerror: reject };
      document.head.append(Object.assign(document.createElement(tag), attributes, handlers));
    }).catch((error) => { underway.delete(url); throw error; }));
  }
  return underway.get(url);
}
const dress = () => attach("link", "href", address("graph.css"));
const load = () => Promise.all([dress(), attach("script", "src", address("vendor/cytoscape.min.js"))]);

const make = (tag, css, ...children) => {
  const made = document.createElement(tag);
  if (css) made.className = css;
  made.append(...children);
  return made;
};

export function mount(element, props, watch) {
  dress().catch(() => {});
  const view = new View(element.querySelector(".kg"), props.words);
  watch("value", () => view.show(props.value));
  view.show(props.value);
}

class View {
  constructor(frame, words) {
    this.frame = frame;
    this.words = words;
    this.pending = null;
    for (const name of ["bar", "body", "sum", "stage", "canvas", "detail", "find", "nodes"]) {
      this[name] = frame.querySelector(`.kg-${name}`);
    }
    this.bar.addEventListener("click", (event) => this.#press(event.target.closest("[data-do]")?.dataset.do));
    this.stage.addEventListener("keydown", (event) => this.#key(event));
    // In place of cytoscape's own, which takes a mouse for a touchpad and then barely moves.
    this.stage.addEventListener("wheel", (event) => this.#wheel(event), { capture: true, passive: false });
    this.find.addEventListener("input", () => this.#filter());
    for (const list of [this.nodes, this.detail]) {
      list.addEventListener("click", (event) => this.#follow(event.target.closest("button")));
    }
    // A tab that is not open has no size, and a graph cannot be laid out in it.
    new ResizeObserver(() => this.#draw()).observe(frame);
    new ResizeObserver(() => this.#fit()).observe(this.stage);
    const repaint = new MutationObserver(() => this.cy?.style(look(this.#dark())));
    repaint.observe(document.body, { attributeFilter: ["class"] });
  }

  show(value) {
    this.pending = value || null;
    if (!value) this.#clear();
    this.#state(value ? (this.cy ? "drawn" : "loading") : "empty");
    this.#draw();
  }

  async #draw() {
    const wanted = this.pending;
    if (!wanted || !this.frame.clientWidth) return;
    try {
      await load();
    } catch {
      this.#state("failed");
      return;
    }
    if (this.pending !== wanted) return;
    this.pending = null;
    this.#state("drawn");
    this.#render(JSON.parse(wanted));
  }

  #render(data) {
    const chosen = this.chosen;
    const before = new Map(this.cy?.nodes().map((node) => [node.id() + node.data("label"), node.position()]));
    this.#clear();
    const elements = prepared(data.elements, before, this.stage.clientWidth / this.stage.clientHeight);
    const many = elements.nodes.length > MANY;
    this.data = data;
    this.cy = window.cytoscape({
      container: this.canvas, style: look(this.#dark()), elements, layout: { name: "preset" },
      minZoom: 0.04, maxZoom: 3, autounselectify: true, boxSelectionEnabled: false,
      textureOnViewport: many, hideEdgesOnViewport: many, pixelRatio: many ? 1 : "auto",
    });
    this.frame.graph = this.cy;
    this.cy.on("tap", (event) => this.#choose(event.target === this.cy ? null : event.target.id()));
    this.cy.on("mouseover", "node, edge", () => { this.canvas.style.cursor = "pointer"; });
    this.cy.on("mouseout", "node, edge", () => { this.canvas.style.cursor = ""; });
    this.sum.replaceChildren(this.#both("summary", { nodes: this.cy.nodes().length, edges: this.cy.edges().length }));
    this.#list();
    this.#fit();
    if (chosen && this.cy.getElementById(chosen).nonempty()) this.#choose(chosen);
  }

  #clear() {
    this.cy?.destroy();
    this.cy = this.frame.graph = this.chosen = null;
    this.nodes.replaceChildren();
    this.detail.hidden = true;
  }

  #state(state) {
    for (const name of ["empty", "loading", "failed"]) this.frame.querySelector(`.kg-${name}`).hidden = name !== state;
    this.bar.hidden = this.body.hidden = state !== "drawn";
  }

  #press(action) {
    if (!action || !this.cy) return;
    ({
      zoom_in: () => this.#zoom(1.3),
      zoom_out: () => this.#zoom(1 / 1.3),
      fit: () => this.#fit(),
      png: () => this.#plainly(() => png(this.cy)).then((blob) => fileOf(blob, `${this.data.file}.png`)),
      svg: () => fileOf(new Blob([toSvg(this.cy, paints(false))], { type: "image/svg+xml" }), `${this.data.file}.svg`),
      graphml: () => fileOf(new Blob([this.data.graphml], { type: "application/xml" }), `${this.data.file}.graphml`),
    })[action]();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.cy) return;
    const action = {
      "+": () => this.#zoom(1.3), "=": () => this.#zoom(1.3), "-": () => this.#zoom(1 / 1.3), 0: () => this.#fit(),
      ArrowLeft: () => this.cy.panBy({ x: 48, y: 0 }), ArrowRight: () => this.cy.panBy({ x: -48, y: 0 }),
      ArrowUp: () => this.cy.panBy({ x: 0, y: 48 }), ArrowDown: () => this.cy.panBy({ x: 0, y: -48 }),
      Escape: () => this.#choose(null),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  #wheel(event) {
    event.preventDefault();
    event.stopPropagation();
    const { left, top } = this.stage.getBoundingClientRect();
    const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1);
    const factor = Math.exp(-0.0016 * Math.max(-200, Math.min(200, turned)));
    this.#zoom(factor, { x: event.clientX - left, y: event.clientY - top });
  }

  #zoom(factor, place = { x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 }) {
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: place });
  }

  #fit() {
    if (!this.cy || !this.stage.clientWidth) return;
    this.cy.resize();
    this.cy.fit(undefined, MARGIN);
    if (this.cy.zoom() > CLOSEST) this.cy.zoom(CLOSEST).center();
  }

  #follow(button) {
    if (!button) return;
    const id = button.dataset.node;
    this.#choose(id ?? null);
    // The button that had the focus may just have gone.
    if (!button.isConnected || !id) (id ? this.detail : this.stage).focus({ preventScroll: true });
    if (!id) return;
    const node = this.cy.getElementById(id);
    const { x, y } = node.renderedPosition();
    const { clientWidth, clientHeight } = this.stage;
    const inside = x > MARGIN && y > MARGIN && x < clientWidth - MARGIN && y < clientHeight - MARGIN;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!inside) this.cy.animate({ center: { eles: node } }, { duration: still ? 0 : 250 });
  }

  #choose(id) {
    this.chosen = id;
    const element = this.cy.getElementById(id ?? "");
    const near = element.isNode?.() ? element.closedNeighborhood() : element.union(element.connectedNodes?.());
    this.cy.batch(() => {
      this.cy.elements().removeClass("faded chosen");
      if (element.nonempty()) this.cy.elements().difference(near).addClass("faded");
      element.addClass("chosen");
    });
    for (const button of this.nodes.querySelectorAll("button")) button.ariaPressed = String(button.dataset.node === id);
    this.detail.hidden = element.empty();
    if (element.nonempty()) this.#explain(element);
  }

  #explain(element) {
    const { label, grounded, surfaces, types } = element.data();
    const close = make("button", "kg-close", "×", make("span", "kg-unseen", this.#both("close")));
    close.type = "button";
    const head = make("div", "kg-title", close);
    const parts = [head];
    if (element.isNode()) {
      head.prepend(named("b", "kg-name", label));
      head.querySelector("b").after(...types.map((type) => named("span", "kg-type", type)));
      if (!grounded) parts.push(make("p", "kg-out", this.#both("ungrounded")));
      if (surfaces.length > 1) parts.push(this.#note("surfaces", surfaces));
    }
    const edges = element.isNode() ? element.connectedEdges() : element;
    parts.push(make("ol", "kg-triples", ...edges.map((edge) => this.#triple(edge, element.id()))));
    this.detail.replaceChildren(...parts);
    this.detail.scrollTop = 0;
  }

  #triple(edge, from) {
    const { label, count, evidence, runs } = edge.data();
    const predicate = named("span", "kg-pred", label);
    const line = make("div", "kg-line", end(edge.source(), from), predicate, end(edge.target(), from));
    if (count > 1) line.append(make("span", "kg-count", `×${count}`));
    const sentences = evidence.map((pieces) => make("blockquote", "", ...pieces.map(([words, role]) => (
      role && role !== "cut" ? named("mark", role, words) : words))));
    if (!sentences.length) sentences.push(make("p", "kg-note", this.#both("no_evidence")));
    if (this.data.several) sentences.push(this.#note("runs", runs));
    return make("li", "", line, ...sentences);
  }

  #note(name, values) {
    return make("p", "kg-note", this.#both(name), named("span", "", values.join(" · ")));
  }

  #list() {
    const nodes = this.cy.nodes().sort((one, other) => other.data("degree") - one.data("degree"));
    this.nodes.replaceChildren(...nodes.map((node) => {
      const button = named("button", node.data("grounded") ? "" : "out", node.data("label"));
      button.append(make("span", "kg-count", String(node.data("degree"))));
      return make("li", "", Object.assign(button, { type: "button", ariaPressed: "false" }));
    }));
    [...this.nodes.querySelectorAll("button")].forEach((button, at) => { button.dataset.node = nodes[at].id(); });
    this.find.hidden = nodes.length < 10;
    this.find.querySelector("input").value = "";
  }

  #filter() {
    const wanted = this.find.querySelector("input").value.trim().toLowerCase();
    for (const item of this.nodes.children) {
      item.hidden = !item.firstChild.firstChild.textContent.toLowerCase().includes(wanted);
    }
  }

  async #plainly(action) {
    const faded = this.cy.$(".faded, .chosen");
    const classes = faded.map((element) => element.classes().join(" "));
    faded.removeClass("faded chosen");
    this.cy.style(look(false));
    const done = action();
    faded.forEach((element, at) => { element.addClass(classes[at]); });
    this.cy.style(look(this.#dark()));
    return done;
  }

  #both(name, values = {}) {
    const both = document.createDocumentFragment();
    for (const [lang, words] of Object.entries(this.words[name])) {
      const span = make("span", `l-${lang}`, words.replace(/\{(\w+)\}/g, (_, key) => values[key]));
      span.lang = lang;
      both.append(span);
    }
    return both;
  }

  #dark() {
    return document.body.classList.contains("dark");
  }
}

function named(tag, css, words) {
  const made = make(tag, css, words);
  made.dir = "auto";
  return made;
}

function end(node, from) {
  if (node.id() === from) return named("b", "kg-end", node.data("label"));
  const button = named("button", "kg-end", node.data("label"));
  button.type = "button";
  button.dataset.node = node.id();
  return button;
}
