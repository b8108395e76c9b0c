// Edits, and what was missed.
const PLACED = ["mention", "item", "field"]; // kinds with borders in the text
const MOVABLE = [...PLACED, "relation"]; // and a relation's ends have them
const TYPED = ["mention", "relation", "label", "field"];
const LONG = ["text", "code"]; // kinds of which an answer may have several lines
const placeOf = ({ start, end: stop }) => (Number.isInteger(start) ? { start, end: stop } : null);
const NOWHERE = { text: "", start: null, end: null };
const within = (place) => points(current.text).slice(place.start, place.end).join("");

const begin = (name, borders = false) => {
  if (!current) return;
  setMode(name);
  const { payload, kind, blind } = current;
  const own = name === "edit";
  const { text, type } = form.elements;
  const related = kind === "relation" && (!own || !blind);
  ends = related ? { head: own ? payload.head : NOWHERE, tail: own ? payload.tail : NOWHERE } : null;
  end = "head";
  span = own && !blind ? placeOf(ends ? ends[end] : payload) : null;
  text.rows = LONG.includes(kind) ? 8 : 1;
  text.value = own ? payload.text ?? payload.source ?? "" : "";
  type.value = own && !blind ? payload.type ?? payload.predicate ?? payload.name ?? (kind === "label" ? payload.text : "") : "";
  const textToo = kind !== "relation" && (!own || (kind !== "label" && !blind));
  ["head", "tail"].forEach((name) => {
    form.elements[name].value = "";
    find(`.rv-edit [data-field="${name}"]`).hidden = own || !related;
  });
  find('.rv-edit [data-field="text"]').hidden = !textToo;
  find('.rv-edit [data-field="type"]').hidden = !TYPED.includes(kind);
  find('.rv-edit [data-do="swap"]').hidden = !ends;
  find('.rv-edit [data-do="examined"]').hidden = own || view === "reads"; // where it has a button of its own
  find(".rv-tip").replaceChildren(...both(own ? editTip() : related ? "missed_relation_tip" : "missed_tip"));
  const first = own ? (TYPED.includes(kind) ? type : text) : form.elements[related ? "head" : "text"];
  const box = borders || (!own && view !== "reads") ? card : first;
  box.focus({ preventScroll: true });
  if (box !== card) box.select();
  else if (ends) drawEdit();
};

const editTip = () => {
  if (LONG.includes(current.kind)) return "long_tip";
  if (ends) return "ends_tip";
  return PLACED.includes(current.kind) && !current.blind ? "edit_tip" : "type_tip";
};

// What is edited, as it will be: in the text, and a relation's ends in the answer.
const drawEdit = () => {
  const named = mode === "missed" ? { predicate: form.elements.type.value } : {};
  const task = ends ? { ...current, payload: { ...current.payload, ...named, ...ends } } : current;
  if (ends) find(".rv-answer").replaceChildren(...answerOf(task));
  const marks = view === "reads" && !ends ? readMarks(current) : marksOf(task);
  drawText(textBox, current.text, [...marks, ...(span ? [{ ...span, css: "new" }] : [])]);
};

const setSpan = (wanted) => {
  if (wanted.start < 0 || wanted.end > points(current.text).length || wanted.start >= wanted.end) return;
  span = wanted;
  if (ends) ends[end] = { ...ends[end], text: within(span), ...span };
  if (!ends || mode === "missed") form.elements[ends ? end : "text"].value = within(span);
  drawEdit();
};

const takeEnd = (name) => {
  end = name;
  span = placeOf(ends[end]);
  drawEdit();
};

textBox.addEventListener("mouseup", () => {
  const wanted = current && !LONG.includes(current.kind) && selectedIn(textBox, current.text);
  if (!wanted || (mode !== "missed" && view !== "reads" && (current.blind || !MOVABLE.includes(current.kind)))) return;
  if (!["edit", "missed"].includes(mode)) begin(view === "reads" ? "missed" : "edit", true);
  // What is selected over one end of a relation is meant for that end.
  const over = ends && ["head", "tail"].find((name) => wanted.start < ends[name].end && ends[name].start < wanted.end);
  if (over) end = over;
  else if (mode === "missed" && ends?.head.text && !ends.tail.text) end = "tail";
  setSpan(wanted);
});

// Where words that were typed stand, if there is but one place.
const onlyPlace = (text) => {
  const at = text ? current.text.indexOf(text) : -1;
  if (at < 0 || current.text.indexOf(text, at + 1) >= 0) return { start: null, end: null };
  const start = points(current.text.slice(0, at)).length;
  return { start, end: start + points(text).length };
};
const missedEnd = (name) => {
  const text = form.elements[name].value.trim();
  const known = ends[name];
  return { text, ...(text === known.text && placeOf(known) ? placeOf(known) : onlyPlace(text)) };
};
const noted = () => {
  const { task, kind } = current;
  const type = form.elements.type.value.trim();
  if (kind === "relation") return { task, kind, type, head: missedEnd("head"), tail: missedEnd("tail") };
  const text = form.elements.text.value.trim();
  return { task, kind, type, text, ...(span && within(span) === text ? span : onlyPlace(text)) };
};

// Where the words stand; nowhere once they were rewritten.
const placedIn = (text) => (span && within(span) === text ? span : { start: null, end: null });

const edited = () => {
  const { kind, payload, blind } = current;
  const type = form.elements.type.value.trim();
  const text = form.elements.text.value;
  if (blind || kind === "label") return { [typeKey[kind]]: type };
  if (kind === "relation") return { ...ends, predicate: type };
  if (kind === "mention") return { text, type, ...placedIn(text) };
  if (kind === "field") return { name: type, text, ...placedIn(text) };
  if (kind === "item") return { text, ...placedIn(text) };
  return kind === "code" ? { ...payload, source: text } : { text };
};
const reasonOf = (payload) => {
  const before = partsOf(current);
  const moved = partsOf({ kind: current.kind, payload })
    .some((one) => "start" in one && !before.some((was) => was.start === one.start && was.end === one.end));
  if (swapped && !moved) return "direction";
  return moved ? "boundary" : typeKey[current.kind] ? "type" : "other";
};

const save = guarded(async () => {
  if (mode === "edit") {
    const payload = edited();
    judge("edit", { payload, reason: current.blind ? null : reasonOf(payload) });
    return;
  }
  const payload = noted();
  const there = current;
  await ask("missed", mine({ document: there.document, payload }));
  if (view === "reads") there.missed.push({ ...payload, predicate: payload.type });
  cancel();
  tell(...both("missed_done"));
});

// What was drawn for the edit goes; the item stays.
const cancel = () => {
  setMode("");
  if (view === "reads") drawReading();
  else if (current) {
    find(".rv-answer").replaceChildren(...answerOf(current));
    drawText(textBox, current.text, marksOf(current));
  }
  card.focus({ preventScroll: true });
};

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !["text", "head", "tail"].includes(event.target.name)) return;
  if (LONG.includes(current.kind) && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  save();
});

inMode.edit = inMode.missed = (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step && span) setSpan(event.shiftKey ? { ...span, start: span.start + step } : { ...span, end: span.end + step });
  else if (event.key === "Enter") save();
  else if (event.key === "s") does.swap();
  else if (event.key === "b" && ends) takeEnd(end === "head" ? "tail" : "head");
  else return event.key in keys; // a verdict by accident would throw the edit away
  return true;
};

Object.assign(does, {
  edit: () => begin("edit"),
  borders: () => { if (current && !current.blind && MOVABLE.includes(current.kind)) begin("edit", true); },
  missed: () => begin("missed"),
  cancel,
  swap: () => {
    if (current?.kind !== "relation" || current.blind) return;
    if (!ends) begin("edit", true);
    swapped = !swapped;
    if (mode === "missed") ends = { head: missedEnd("head"), tail: missedEnd("tail") };
    ends = { head: ends.tail, tail: ends.head };
    if (mode === "missed") ["head", "tail"].forEach((name) => { form.elements[name].value = ends[name].text; });
    takeEnd(end);
    card.focus({ preventScroll: true });
  },
  examined: guarded(async () => {
    await ask("examined", mine({ document: current.document, task: current.task }));
    cancel();
    tell(...both("examined_done"));
  }),
});
Object.assign(keys, { e: "edit", b: "borders", m: "missed", s: "swap" });
