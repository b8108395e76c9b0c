const root = new URL(window.gradio_config?.root ?? "", location.href);
const base = (root.hostname === location.hostname ? location.origin : root.origin) + root.pathname.replace(/[/]+$/, "") + "__PATH__";
const card = find(".rv-card");
const why = find(".rv-why");
const form = find(".rv-edit");
const textBox = find(".rv-text");
let view = "list";
let project = null;
let queue = "review";
let tasks = [];
let current = null;
let behind = []; // items decided here, the latest last, for ←
let back = 0; // how far ← went
let mode = ""; // "why", "edit" or "missed"
let span = null;
let swapped = false;
let shownAt = 0;
let sending = Promise.resolve();
const pending = new Set();

const key = (task) => `${task.item} ${task.round}`;
const tell = (...words) => find(".rv-told").replaceChildren(...words);
const alarm = (texts) => {
  const alert = find(".rv-alert");
  alert.hidden = !texts;
  alert.replaceChildren(...(texts ? inBoth(texts) : []));
  if (texts) alert.scrollIntoView({ block: "nearest" });
};
const ask = async (action, data = {}) => {
  let answer;
  let found;
  try {
    answer = await fetch(`${base}/${action}`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(data),
    });
    found = await answer.json();
  } catch {
    throw { texts: props.words.failed };
  }
  if (!answer.ok) throw { texts: found.error ?? props.words.failed, code: found.error?.code };
  return found;
};
const mine = (data) => ({ project: project.id, queue, ...data });
// Whatever goes wrong is said, and the page is brought back to what the server knows.
const guarded = (act) => async (...given) => {
  try {
    alarm(null);
    return await act(...given);
  } catch (error) {
    alarm(error.texts ?? { zh: String(error), en: String(error) });
    return null;
  }
};

const show = (name) => {
  view = name;
  all(".rv-view").forEach((one) => { one.hidden = one.dataset.view !== (name === "disputes" ? "desk" : name); });
  find(".rv-head").hidden = name === "list";
  all(".rv-head [data-do]").forEach((one) => { one.ariaCurrent = String(one.dataset.do === `view-${name}`); });
};

const drawProgress = (found) => {
  const bar = find(".rv-progress progress");
  bar.max = Math.max(1, found.total);
  bar.value = found.done;
  find(".rv-count").replaceChildren(...both("progress", found));
};
let asked = 0;
const refreshProgress = async (least = 1500) => {
  if (performance.now() - asked < least) return;
  asked = performance.now();
  drawProgress(await ask("progress", mine()));
};

// The list of projects

const list = guarded(async () => {
  const found = await ask("projects");
  show("list");
  find(".rv-projects").replaceChildren(...found.projects.map((one) => node("li", {},
    Object.assign(button("to_desk", () => open(one.id)), { className: "primary" }), node("b", { textContent: one.name }),
    node("span", {}, ...both(`role.${one.me.role}`)), node("span", { className: "limits" }, ...both("progress", one.progress)),
  )));
  find(".rv-none").hidden = found.projects.length > 0;
  find(".rv-new").open ||= !found.projects.length;
  const select = find('[data-form="create"] select[name="task"]');
  const options = Object.entries(found.tasks).map(([id, title]) => {
    props.words[`task-${id}`] = title;
    return node("option", { value: id });
  });
  options.forEach((option) => { option.dataset.word = `task-${option.value}`; });
  const every = node("option", { value: "" });
  every.dataset.word = "all_tasks";
  select.replaceChildren(every, ...options);
  const others = find('[data-form="carry"] select');
  others.replaceChildren(...found.projects.map((one) => node("option", { value: one.id, textContent: one.name })));
  settleOptions();
});

const settleSource = () => {
  const chosen = find('[data-form="create"] select[name="source"]').value;
  all(".from-history").forEach((one) => { one.hidden = chosen !== "history"; });
  all(".from-file").forEach((one) => { one.hidden = chosen !== "file"; });
};
find('[data-form="create"] select[name="source"]').addEventListener("change", settleSource);
settleSource();

const inBase64 = async (file) => {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
};

const forms = {
  async create(data, target) {
    const file = target.elements.file.files[0];
    const chosen = data.source === "file" && file;
    const { project: id } = await ask("create", {
      name: data.name, reviewer: data.reviewer, guidelines: data.guidelines, task: data.task, query: data.query,
      n: Number(data.n), seed: Number(data.seed), blind: data.blind / 100, double: data.double / 100, order: data.order,
      by: data.by === "none" ? [] : [data.by],
      ...(chosen ? { file_name: file.name, file: await inBase64(file) } : {}),
    });
    target.reset();
    settleSource();
    await open(id);
  },
  async join(data, target) {
    const { project: id } = await ask("join", data);
    target.reset();
    await open(id);
  },
  async guidelines(data) {
    project.guidelines = (await ask("guidelines", mine(data))).guidelines;
    drawProject();
  },
  async accept_all(data) {
    const { count } = await ask("accept_all", mine({ type: data.type || null, min_confidence: data.min === "" ? null : Number(data.min) }));
    tell(...both("bulk_done", { count }));
    refreshProgress(0);
  },
  async carry(data) {
    const { count } = await ask("carry", mine(data));
    tell(...both("carry_done", { count }));
    refreshProgress(0);
  },
};

// A project

const open = guarded(async (id, wanted = "review") => {
  queue = wanted;
  project = await ask("open", { project: id, queue });
  [tasks, behind, back] = [project.tasks, [], 0];
  find(".rv-title").textContent = project.name;
  drawProgress(project.progress);
  drawProject();
  show(wanted === "disputes" ? "disputes" : "desk");
  draw(tasks[0]);
  card.focus({ preventScroll: true });
});

const drawProject = () => {
  const leads = project.me.role !== "reviewer";
  find(".rv-guidelines").textContent = project.guidelines;
  find('[data-form="guidelines"] textarea').value = project.guidelines;
  find(".rv-invitation").textContent = project.invitation;
  find(".rv-leads").hidden = !leads;
  find('[data-do="view-disputes"]').hidden = !leads;
  find('[data-do="view-figures"]').hidden = !project.sampled;
  find(".rv-members").replaceChildren(...project.members.map((one) => {
    const other = one.role === "reviewer" ? "lead" : "reviewer";
    const change = guarded(async () => {
      await ask("role", mine({ member: one.id, role: other }));
      project.members = (await ask("open", mine())).members;
      drawProject();
    });
    return node("li", {}, `${one.name} · `, ...both(`role.${one.role}`), " ", ...(leads ? [button(`make_${other}`, change)] : []));
  }));
};

// An item

const marksOf = (task) => {
  const { payload, kind } = task;
  const ends = kind === "relation" ? [payload.head, payload.tail] : [payload];
  return ends.map((one, at) => ({ start: one.start, end: one.end, css: at ? "tail" : "" }))
    .filter((mark) => Number.isInteger(mark.start) && Number.isInteger(mark.end));
};
const typeKey = { mention: "type", relation: "predicate", label: "text" };
const answerOf = ({ kind, payload, type, blind }) => {
  const badge = (text) => (text ? [node("span", { className: "rv-type", textContent: text })] : []);
  if (kind === "relation") return [payload.head.text, " — ", ...(blind ? ["?"] : badge(payload.predicate)), " → ", payload.tail.text];
  if (kind === "label") return [blind ? "?" : payload.text];
  return [payload.text ?? payload.source ?? "", ...badge(type)];
};

const draw = (task) => {
  current = task ?? null;
  setMode("");
  find(".rv-empty").hidden = Boolean(task);
  card.hidden = !task;
  find(".rv-log").replaceChildren();
  if (!task) return;
  shownAt = performance.now();
  find(".rv-answer").replaceChildren(...answerOf(task));
  const grounded = marksOf(task).length > 0 || ["label", "text", "code"].includes(task.kind);
  const facts = [
    ...(task.confidence === null ? [] : [[...both("confidence"), ` ${task.confidence.toFixed(2)}`]]),
    ...(grounded ? [] : [both("ungrounded")]),
    ...(task.sampled ? [both("sampled")] : []),
    ...(task.round === "second" ? [both("second")] : task.round === "adjudicated" ? [both("dispute")] : []),
    ...(task.model ? [[task.model]] : []), [task.name],
  ];
  find(".rv-marks").replaceChildren(...facts.map((words) => node("span", {}, ...words)));
  if (task.blind) drawChoices(task);
  drawText(textBox, task.text, marksOf(task));
  find(".rv-inputs").replaceChildren(...Object.entries(task.inputs).flatMap(([name, value]) => [
    node("dt", { textContent: name }), node("dd", { textContent: value }),
  ]));
  find("#rv-types").replaceChildren(...task.types.map((value) => node("option", { value })));
  find(".rv-log").replaceChildren(...task.history.map(eventRow));
};

const drawChoices = (task) => {
  const choices = task.types.slice(0, 9).map((type, at) => {
    const made = node("button", { type: "button" }, node("kbd", { textContent: at + 1 }), ` ${type}`);
    made.addEventListener("click", () => judge("edit", { payload: { [typeKey[task.kind]]: type } }));
    return made;
  });
  find(".rv-marks").append(node("span", {}, ...both("blind_tip")), node("div", { className: "rv-choices" }, ...choices));
};

const eventRow = (one) => node("li", { className: one.undone ? "undone" : "" },
  node("b", {}, ...both(`verdict.${one.verdict}`)), ` · ${one.reviewer} · ${new Date(one.time).toLocaleString()} `,
  ...(one.reason ? both(`reason.${one.reason}`) : []), ...(one.carried ? both("carried") : []),
  one.comment ? ` “${one.comment}”` : "",
  one.verdict === "edit" ? ` → ${[one.payload.text ?? one.payload.source, one.payload.type ?? one.payload.predicate].filter(Boolean).join(" · ")}` : "",
);

const setMode = (name) => {
  mode = name;
  why.hidden = name !== "why";
  form.hidden = !["edit", "missed"].includes(name);
  if (!name) { span = null; swapped = false; }
};

// The next item is on the screen at once; verdicts are sent one after another in the background.
const judge = (verdict, more = {}) => {
  if (!current) return;
  const task = current;
  const comment = find(".rv-comment input");
  const data = mine({
    item: task.item, round: task.round, verdict, comment: comment.value, again: Boolean(task.again), blind: task.blind,
    seconds: Math.round(performance.now() - shownAt) / 1000, ...more,
  });
  comment.value = "";
  pending.add(key(task));
  if (!task.again) behind.push(task.item);
  tasks = tasks.filter((one) => key(one) !== key(task));
  back = 0;
  draw(tasks[0]);
  const there = project.id;
  sending = sending.then(guarded(async () => {
    try {
      const found = await ask("decide", data);
      if (project.id === there) take(found.tasks, task);
    } catch (error) {
      pending.delete(key(task));
      behind = behind.filter((item) => item !== task.item);
      const fresh = await ask("open", { project: there, queue });
      if (project.id === there) { tasks = fresh.tasks; draw(tasks[0]); }
      if (!error.code) comment.value = data.comment;
      throw error;
    }
  })).then(() => refreshProgress().catch(() => {}));
  card.focus({ preventScroll: true });
};

const take = (found, done) => {
  if (done) pending.delete(key(done));
  tasks = found.filter((one) => !pending.has(key(one)));
  if (current?.again || tasks.some((one) => current && key(one) === key(current))) return;
  draw(tasks[0]);
};

const undo = () => {
  const there = project.id;
  sending = sending.then(guarded(async () => {
    const found = await ask("undo", mine());
    if (project.id !== there) return;
    behind = behind.filter((item) => item !== found.item);
    tasks = found.tasks;
    draw(tasks[0]);
    tell(...(found.undone ? [...both("undone"), ": ", ...both(`verdict.${found.undone}`)] : []));
  })).then(() => refreshProgress(0).catch(() => {}));
};

const look = guarded(async (step) => {
  const at = Math.max(0, Math.min(behind.length, back + step));
  if (at === back) return;
  back = at;
  if (!back) { draw(tasks[0]); return; }
  await sending;
  const { task } = await ask("show", mine({ item: behind[behind.length - back] }));
  draw({ ...task, again: true });
});

// Edits

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

const does = {
  accept: () => { if (current && !current.blind) judge("accept"); },
  reject: () => { if (current) setMode("why"); },
  edit: () => begin("edit"),
  missed: () => begin("missed"),
  skip: () => judge("skip"),
  flag: () => judge("flag"),
  undo,
  cancel,
  help: () => { find(".rv-help").hidden = !find(".rv-help").hidden; },
  swap: () => {
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
  reopen: guarded(async () => { tell(...both("reopen_done", await ask("reopen", mine()))); }),
  delete: guarded(async () => {
    const press = find('[data-do="delete"]');
    if (!press.dataset.sure) {
      press.dataset.sure = "1";
      press.replaceChildren(...both("delete_sure"));
      return;
    }
    await ask("delete", mine());
    delete press.dataset.sure;
    press.replaceChildren(...both("delete"));
    await list();
  }),
  "view-list": () => list(),
  "view-desk": () => open(project.id),
  "view-disputes": () => open(project.id, "disputes"),
  "view-project": () => show("project"),
  "view-figures": guarded(async () => {
    show("figures");
    find(".rv-report").href = `${base}/report?project=${project.id}&lang=${lang()}`;
    find(".rv-figures").innerHTML = (await ask("figures", mine())).html; // made and escaped by the server
  }),
};

element.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (pressed?.dataset.do) { tell(); does[pressed.dataset.do](); }
  if (pressed?.dataset.reason) judge("reject", { reason: pressed.dataset.reason });
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target === form) { save(); return; }
  guarded(forms[event.target.dataset.form])(Object.fromEntries(new FormData(event.target)), event.target);
});

const KEYS = {
  a: "accept", x: "reject", " ": "skip", Backspace: "undo", f: "flag", e: "edit", m: "missed", "?": "help", s: "swap",
};
const pressedInMode = (event) => {
  if (mode === "why") {
    const reason = why.querySelectorAll("[data-reason]")[Number(event.key) - 1];
    if (reason) judge("reject", { reason: reason.dataset.reason });
    else if (event.key === "x" || event.key === "Enter") judge("reject");
    else return false;
    return true;
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (mode && step && span) {
    setSpan(event.shiftKey ? { ...span, start: span.start + step } : { ...span, end: span.end + step });
    return true;
  }
  if (mode && event.key === "Enter") { save(); return true; }
  return false;
};

const onKey = (event) => {
  if (!element.isConnected) { document.removeEventListener("keydown", onKey); return; }
  const visible = element.clientWidth > 0 && (view === "desk" || view === "disputes");
  if (!visible || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") { cancel(); return; }
  if (typing) {
    if (event.key === "Enter" && event.target.closest(".rv-comment")) { event.preventDefault(); card.focus(); }
    return;
  }
  if (event.key === "Enter" && event.target.closest?.("button, a, summary")) return;
  const digit = current?.blind && !mode ? find(".rv-choices")?.children[Number(event.key) - 1] : null;
  if (digit) digit.click();
  else if (!pressedInMode(event)) {
    if (event.key === "c") find(".rv-comment input").focus();
    else if (event.key === "ArrowLeft" && !mode) look(1);
    else if (event.key === "ArrowRight" && !mode) look(-1);
    else if (KEYS[event.key] && (event.key !== "s" || (current?.kind === "relation" && !current.blind))) { tell(); does[KEYS[event.key]](); }
    else return;
  }
  event.preventDefault();
};
document.addEventListener("keydown", onKey);

// A tab that is not open asks for nothing.
window.techgptShown(element, () => { if (!project || view === "list") list(); });
