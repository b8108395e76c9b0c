// Edits, and what was missed.
const begin = (name) => {
  if (!current) return;
  setMode(name);
  const { payload, kind } = current;
  const own = name === "edit";
  const typed = kind === "mention" || kind === "relation" || kind === "label" || kind === "field";
  span = own && Number.isInteger(payload.start) ? { start: payload.start, end: payload.end } : null;
  form.elements.text.value = own ? payload.text ?? payload.source ?? "" : "";
  form.elements.type.value = own && !current.blind ? payload.type ?? payload.predicate ?? payload.name ?? (kind === "label" ? payload.text : "") : "";
  find('.rv-edit [data-field="text"]').hidden = own && (kind === "relation" || kind === "label" || current.blind);
  find('.rv-edit [data-field="type"]').hidden = !typed;
  find('.rv-edit [data-do="swap"]').hidden = !own || kind !== "relation" || current.blind;
  find('.rv-edit [data-do="examined"]').hidden = own;
  find(".rv-tip").replaceChildren(...both(own ? "edit_tip" : "missed_tip"));
  if (own && typed) form.elements.type.focus();
  else card.focus({ preventScroll: true });
};

const setSpan = (wanted) => {
  const length = points(current.text).length;
  if (wanted.start < 0 || wanted.end > length || wanted.start >= wanted.end) return;
  span = wanted;
  form.elements.text.value = points(current.text).slice(span.start, span.end).join("");
  drawText(textBox, current.text, [...marksOf(current), { ...span, css: "new" }]);
};

textBox.addEventListener("mouseup", () => {
  const wanted = current && !current.blind && current.kind !== "relation" && selectedIn(textBox, current.text);
  if (!wanted) return;
  if (!["edit", "missed"].includes(mode)) begin("edit");
  if (!form.querySelector('[data-field="text"]').hidden) setSpan(wanted);
});

const edited = () => {
  const { kind, payload, blind } = current;
  const type = form.elements.type.value.trim();
  const text = form.elements.text.value;
  if (blind || kind === "label") return { [typeKey[kind]]: type };
  const placed = span && points(current.text).slice(span.start, span.end).join("") === text ? span : { start: null, end: null };
  if (kind === "relation") {
    const [head, tail] = swapped ? [payload.tail, payload.head] : [payload.head, payload.tail];
    return { head, predicate: type, tail };
  }
  if (kind === "mention") return { text, type, ...placed };
  if (kind === "field") return { name: type, text, ...placed };
  if (kind === "item") return { text, ...placed };
  return kind === "code" ? { ...payload, source: text } : { text };
};
const reasonOf = (payload) => {
  if (swapped) return "direction";
  const moved = "start" in payload && (payload.start !== current.payload.start || payload.end !== current.payload.end);
  return moved ? "boundary" : typeKey[current.kind] ? "type" : "other";
};

const save = guarded(async () => {
  if (mode === "edit") {
    const payload = edited();
    judge("edit", { payload, reason: current.blind ? null : reasonOf(payload) });
    return;
  }
  const text = form.elements.text.value;
  const type = form.elements.type.value.trim();
  await ask("missed", mine({ document: current.document, payload: { task: current.task, kind: current.kind, type, text, ...span } }));
  setMode("");
  drawText(textBox, current.text, marksOf(current));
  tell(...both("missed_done"));
  card.focus({ preventScroll: true });
});

const cancel = () => {
  setMode("");
  if (current) drawText(textBox, current.text, marksOf(current));
  card.focus({ preventScroll: true });
};

Object.assign(does, {
  edit: () => begin("edit"),
  missed: () => begin("missed"),
  cancel,
  swap: () => {
    if (current?.kind !== "relation" || current.blind) return;
    if (mode !== "edit") begin("edit");
    swapped = !swapped;
    const [head, tail] = swapped ? [current.payload.tail, current.payload.head] : [current.payload.head, current.payload.tail];
    find(".rv-answer").replaceChildren(...answerOf({ ...current, payload: { ...current.payload, head, tail } }));
    card.focus({ preventScroll: true });
  },
  examined: guarded(async () => {
    await ask("examined", mine({ document: current.document, task: current.task }));
    cancel();
    tell(...both("examined_done"));
  }),
});
Object.assign(keys, { e: "edit", m: "missed", s: "swap" });
