// Words, and texts with marks whose offsets are code points. Joined with the others into one function of Gradio's.
// All that comes from a model or a reviewer is put in as text, never as HTML.
const find = (css) => element.querySelector(css);
const all = (css) => [...element.querySelectorAll(css)];
const node = (name, props, ...children) => {
  const made = Object.assign(document.createElement(name), props);
  made.append(...children);
  return made;
};
const lang = () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");
const fill = (words, params) => words.replace(/\{(\w+)\}/g, (whole, name) => params?.[name] ?? whole);
const both = (key, params) => ["zh", "en"].map((one) => node("span", {
  className: `l-${one}`, lang: one, textContent: fill(props.words[key][one], params),
}));
const inBoth = (texts) => ["zh", "en"].map((one) => node("span", { className: `l-${one}`, lang: one, textContent: texts[one] }));
const button = (key, act, params) => {
  const made = node("button", { type: "button" }, ...both(key, params));
  made.addEventListener("click", act);
  return made;
};
// An option holds no markup: its words follow the page's language.
const settleOptions = () => all("option[data-word]").forEach((option) => {
  option.textContent = props.words[option.dataset.word][lang()];
});
new MutationObserver(settleOptions).observe(document.documentElement, { attributeFilter: ["lang"] });
settleOptions();

const points = (text) => Array.from(text);

// The text in pieces, cut at every border; each piece knows where it begins.
const drawText = (target, text, marks) => {
  const characters = points(text);
  const borders = [...new Set([0, characters.length, ...marks.flatMap((mark) => [mark.start, mark.end])])].sort((a, b) => a - b);
  target.replaceChildren(...borders.slice(0, -1).map((start, at) => {
    const piece = characters.slice(start, borders[at + 1]).join("");
    const inside = marks.filter((mark) => mark.start <= start && borders[at + 1] <= mark.end);
    const made = node(inside.length ? "mark" : "span", { textContent: piece, className: inside.at(-1)?.css ?? "" });
    made.dataset.at = start;
    return made;
  }));
  const first = target.querySelector("mark");
  if (first) target.scrollTop = Math.max(0, first.offsetTop - target.offsetTop - target.clientHeight / 3);
};

const offsetIn = (target, place, offset) => {
  const piece = (place.nodeType === Node.TEXT_NODE ? place.parentElement : place).closest("[data-at]");
  if (!piece || !target.contains(piece)) return null;
  const before = place.nodeType === Node.TEXT_NODE ? place.data.slice(0, offset) : offset ? piece.textContent : "";
  return Number(piece.dataset.at) + points(before).length;
};

// What is selected in the text, white space at its ends left out; null where nothing is.
const selectedIn = (target, text) => {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  let start = offsetIn(target, range.startContainer, range.startOffset);
  let end = offsetIn(target, range.endContainer, range.endOffset);
  if (start === null || end === null) return null;
  const characters = points(text);
  while (start < end && !characters[start].trim()) start += 1;
  while (end > start && !characters[end - 1].trim()) end -= 1;
  return end > start ? { start, end } : null;
};
