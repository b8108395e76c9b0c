// Documents that were drawn to be read to their end, one after another, for what the model missed.
const readKeys = { a: "read", " ": "later", m: "missed", Backspace: "undo", "?": "help" };
const readMarks = (task) => [
  ...task.found.filter((one) => one.verdict !== "reject").flatMap(marksOf),
  ...task.missed.flatMap((payload) => marksOf({ kind: payload.kind, payload }).map((mark) => ({ ...mark, css: "new" }))),
];

const drawReading = () => {
  const task = current;
  setMode("");
  find(".rv-empty").hidden = Boolean(task);
  card.hidden = !task;
  const { total, done, waiting } = project.readings;
  find(".rv-to-read").replaceChildren(...both("reads_count", { total, done, waiting }));
  find(".rv-log").replaceChildren();
  if (!task) return;
  find(".rv-answer").replaceChildren(...both("reads_ask"));
  const facts = [both("reads_count", { total, done, waiting }), [task.name]];
  find(".rv-marks").replaceChildren(...facts.map((words) => node("span", {}, ...words)));
  drawText(textBox, task.text, readMarks(task));
  drawAround(task);
  const rows = [...task.found, ...task.missed.map((payload) => ({ kind: payload.kind, type: payload.type, payload, verdict: "missed" }))];
  find(".rv-log").replaceChildren(...rows.map((one) => node("li", {},
    node("b", {}, ...both(`verdict.${one.verdict}`)), " · ", ...answerOf(one))));
};

const toReading = async (given) => {
  const there = project.id;
  const { task, counts } = given ?? await ask("reading", mine());
  if (project.id !== there || view !== "reads") return;
  project.readings = counts;
  current = task;
  follow.forEach((follower) => follower(null));
  drawReading();
  card.focus({ preventScroll: true });
};

const undoItem = does.undo;
Object.assign(does, {
  "view-reads": guarded(async () => {
    await sending; // a document comes up once its items are judged
    queue = "review";
    current = null; // no key is meant for what was on the screen before
    show("reads");
    drawReading();
    await toReading();
  }),
  read: guarded(async () => {
    if (!current) return;
    await ask("examined", mine({ document: current.document, task: current.task }));
    tell(...both("examined_done"));
    await toReading();
  }),
  later: guarded(async () => {
    if (!current) return;
    await toReading(await ask("read_later", mine({ document: current.document, task: current.task })));
  }),
  undo: () => (view === "reads" ? undoReading() : undoItem()),
});

const undoReading = guarded(async () => {
  const { undone } = await ask("undo", mine());
  tell(...(undone ? [...both("undone"), ": ", ...both(`verdict.${undone}`)] : []));
  await toReading();
});
