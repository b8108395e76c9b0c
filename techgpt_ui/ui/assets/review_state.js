// What the review desk knows, and how it talks to its server. Joined with the others into one function of Gradio's.
const base = window.techgptServer("__PATH__");
const card = find(".rv-card");
const form = find(".rv-edit");
const textBox = find(".rv-text");
let view = "list";
let known = []; // the projects of the list
let project = null;
let queue = "review"; // or "disputes"; documents to read are asked for apart
let tasks = [];
let current = null;
let behind = []; // items decided here, the latest last, for ←
let back = 0; // how far ← went
let mode = ""; // whose panel is open: "why", "edit", "missed", "merge"
let span = null;
let swapped = false;
let ends = null; // of the relation that is edited, as they are to be
let end = "head"; // the one that is moved
let shownAt = 0;
let sending = Promise.resolve();
const pending = new Set();
const does = {}; // what a button of this name does
const keys = {}; // the button that a key stands for
const follow = []; // told which item is on the screen
const forms = {}; // what is done with what was filled in
const inMode = {}; // what the keys do while a panel is open; true where a key meant something

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
  const shown = ["disputes", "reads"].includes(name) ? "desk" : name;
  all(".rv-view").forEach((one) => { one.hidden = one.dataset.view !== shown; });
  all("[data-queue]").forEach((one) => { one.hidden = one.dataset.queue !== (name === "reads" ? "reads" : "items"); });
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
