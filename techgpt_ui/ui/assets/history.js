// The list of runs. The body of a function that Gradio calls with element, trigger, props and watch.
// Rows come from the server, escaped; words with numbers are put in as text.
const find = (css) => element.querySelector(css);
const list = find(".run-list");
const sure = find(".run-sure");
const marked = new Set();
let total = 0;
let pending = null;
let current = "";

const both = (name, count) => ["zh", "en"].map((lang) => Object.assign(document.createElement("span"), {
  className: `l-${lang}`, lang, textContent: props.words[name][lang].replace("{count}", count),
}));
const rows = () => [...list.querySelectorAll(".run-row")];
const rowOf = (node) => node.closest(".run-row");

const localTimes = (root) => {
  const two = (number) => String(number).padStart(2, "0");
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.dateTime;
    time.textContent = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
  }
};

const settle = () => {
  for (const row of rows()) {
    row.querySelector("input").checked = marked.has(row.dataset.id);
    row.querySelector(".run-open").ariaCurrent = String(row.dataset.id === current);
  }
  find(".run-total").replaceChildren(...(marked.size ? both("marked", marked.size) : both("total", total)));
  find('[data-do="compare"]').disabled = marked.size !== 2;
  find('[data-do="erase"]').disabled = !marked.size;
  find('[data-do="erase_all"]').disabled = !total;
};

const forget = () => {
  pending = null;
  sure.hidden = true;
};

const show = (value) => {
  if (!value) return;
  const { mode, rows: html, more, state, ...facts } = JSON.parse(value);
  if (mode === "row") {
    const row = rows().find((one) => one.dataset.id === facts.id);
    if (row) row.outerHTML = html;
  } else if (mode === "more") {
    list.insertAdjacentHTML("beforeend", html);
  } else {
    list.innerHTML = html;
    total = facts.total;
    current = facts.current ?? current;
    const present = new Set(rows().map((row) => row.dataset.id));
    for (const id of marked) if (!present.has(id)) marked.delete(id);
    for (const words of element.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state;
    forget();
  }
  if (mode !== "row") find(".run-more").hidden = !more;
  localTimes(list);
  settle();
};

const ask = (what, count) => {
  pending = { what, ids: what === "all" ? [] : [...marked] };
  find('[data-do="sure"]').replaceChildren(...both(what === "all" ? "sure_all" : "sure", count));
  sure.hidden = false;
  find('[data-do="sure"]').focus();
};

const press = {
  compare: () => { current = ""; settle(); trigger("runs_compared", { ids: [...marked] }); },
  erase: () => ask("marked", marked.size),
  erase_all: () => ask("all", total),
  cancel: forget,
  sure: () => {
    if (pending) trigger("runs_erased", pending);
    marked.clear();
    forget();
    settle();
  },
  more: () => trigger("list_more", { last: rows().at(-1)?.dataset.id ?? "" }),
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.do) press[button.dataset.do]();
  if (!button?.classList.contains("run-open")) return;
  current = rowOf(button).dataset.id;
  settle();
  find(".run-say").replaceChildren();
  trigger("run_chosen", { id: current });
});

list.addEventListener("change", (event) => {
  const { id } = rowOf(event.target).dataset;
  if (event.target.checked) marked.add(id); else marked.delete(id);
  forget();
  settle();
});

// Arrows go from run to run, Enter shows one, Space on its box marks it.
list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const all = rows();
  const next = all[all.indexOf(rowOf(event.target)) + step];
  const kind = event.target.matches("input") ? "input" : ".run-open";
  if (next) { event.preventDefault(); next.querySelector(kind).focus(); }
});

let wanted = null;
window.techgptHistory = {
  // The detail beside the list has changed.
  shown(detail) {
    localTimes(detail);
    const below = detail.textContent && detail.getBoundingClientRect().top > innerHeight;
    if (below) (document.getElementById("history-actions") ?? detail).scrollIntoView();
  },
  keep(text) {
    if (!text) return;
    const { name, content } = JSON.parse(text);
    const file = URL.createObjectURL(new Blob([content], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 60_000);
  },
  // The button of a task has the server fill that task's tab; a run that goes on there would write over it.
  open(task, run) {
    const stop = document.getElementById(`${task}-stop`);
    const trouble = !task ? "no_tab" : stop && !stop.disabled ? "busy" : "";
    find(".run-say").replaceChildren(...(trouble ? both(trouble) : []));
    if (trouble) {
      find(".run-say").scrollIntoView({ block: "nearest" });
      return;
    }
    wanted = { task, run };
    document.getElementById(`history-open-${task}`)?.click();
  },
  opened(way) {
    const [task] = way.split(" ");
    if (!wanted || task !== wanted.task) return;
    window.techgptOpen(task);
    if (wanted.run) this.start(task, 100);
    wanted = null;
  },
  // A tab that was never open comes to be after its opening.
  start(task, tries) {
    const button = document.getElementById(`${task}-run`);
    if (button && !button.disabled) button.click();
    else if (tries) setTimeout(() => this.start(task, tries - 1), 50);
  },
};

watch("value", () => show(props.value));
show(props.value);

window.techgptShown(element, () => trigger("list_shown"));
