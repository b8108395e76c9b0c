// One item after another.
const partsOf = ({ kind, payload }) => (kind === "relation" ? [payload.head, payload.tail] : [payload]);
const marksOf = (task) => partsOf(task).map((one, at) => ({ start: one.start, end: one.end, css: at ? "tail" : "" }))
  .filter((mark) => Number.isInteger(mark.start) && Number.isInteger(mark.end));
const typeKey = { mention: "type", relation: "predicate", label: "text" };
const answerOf = ({ kind, payload, type, blind }) => {
  const badge = (text) => (text ? [node("span", { className: "rv-type", textContent: text })] : []);
  if (kind === "relation") return [payload.head.text, " — ", ...(blind ? ["?"] : badge(payload.predicate)), " → ", payload.tail.text];
  if (kind === "label") return [blind ? "?" : payload.text];
  return [payload.text ?? payload.source ?? "", ...badge(type)];
};

const draw = (task) => {
  current = task ?? null;
  follow.forEach((tell) => tell(current));
  setMode("");
  find(".rv-empty").hidden = Boolean(task);
  card.hidden = !task;
  find(".rv-log").replaceChildren();
  const { total, done } = project.readings;
  find(".rv-to-read").replaceChildren(...(total > done ? both("reads_left", { left: total - done }) : []));
  if (!task) return;
  shownAt = performance.now();
  find(".rv-answer").replaceChildren(...answerOf(task));
  const grounded = marksOf(task).length > 0 || ["label", "text", "code"].includes(task.kind);
  const facts = [
    ...(task.confidence === null ? [] : [[...both("confidence"), ` ${task.confidence.toFixed(2)}`]]),
    ...(grounded ? [] : [both("ungrounded")]),
    ...(task.sampled ? [both("sampled")] : []),
    ...(project.reads.includes(task.document) ? [both("read_to_end")] : []),
    ...(task.round === "second" ? [both("second")] : task.round === "adjudicated" ? [both("dispute")] : []),
    ...(task.model ? [[task.model]] : []), [task.name],
  ];
  find(".rv-marks").replaceChildren(...facts.map((words) => node("span", {}, ...words)));
  if (task.blind) drawChoices(task);
  drawText(textBox, task.text, marksOf(task));
  drawAround(task);
  find(".rv-log").replaceChildren(...task.history.map(eventRow));
};

// What a document was given beside its text, and what its items can be.
const drawAround = (task) => {
  find(".rv-inputs").replaceChildren(...Object.entries(task.inputs).flatMap(([name, value]) => [
    node("dt", { textContent: name }), node("dd", { textContent: value }),
  ]));
  find("#rv-types").replaceChildren(...task.types.map((value) => node("option", { value })));
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
  one.into ? ` → ${one.into}` : "",
  one.verdict === "edit" ? ` → ${[one.payload.text ?? one.payload.source, one.payload.type ?? one.payload.predicate].filter(Boolean).join(" · ")}` : "",
);

const setMode = (name) => {
  mode = name;
  all(".rv-panel").forEach((panel) => { panel.hidden = !panel.dataset.mode.split(" ").includes(name); });
  if (!name) { span = null; swapped = false; ends = null; }
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
  const item = behind[behind.length - back];
  if (item === undefined) return;
  const { task } = await ask("show", mine({ item }));
  if (behind[behind.length - back] === item) draw({ ...task, again: true }); // else another arrow was pressed since
});

inMode.why = (event) => {
  const reason = all("[data-reason]")[Number(event.key) - 1];
  if (reason) judge("reject", { reason: reason.dataset.reason });
  else if (event.key === "x" || event.key === "Enter") judge("reject");
  else return false;
  return true;
};

Object.assign(does, {
  accept: () => { if (current && !current.blind) judge("accept"); },
  reject: () => { if (current) setMode("why"); },
  skip: () => judge("skip"),
  flag: () => judge("flag"),
  undo,
  help: () => { find(".rv-help").hidden = !find(".rv-help").hidden; },
});
Object.assign(keys, { a: "accept", x: "reject", " ": "skip", Backspace: "undo", f: "flag", "?": "help" });
