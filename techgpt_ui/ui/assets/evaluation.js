// The leaderboard. The body of a function that Gradio calls with element, trigger, props and watch.
// Its rows come from the server, escaped; words with numbers are put in as text.
const find = (css) => element.querySelector(css);
const board = find(".leaderboard");
const sure = find(".run-sure");
const marked = new Set();
let total = 0;

const both = (name, count) => ["zh", "en"].map((lang) => Object.assign(document.createElement("span"), {
  className: `l-${lang}`, lang, textContent: props.words[name][lang].replace("{count}", count),
}));
const rows = () => [...board.querySelectorAll("tr[data-id]")];
const say = (...words) => find(".run-say").replaceChildren(...words);

const settle = () => {
  for (const row of rows()) row.querySelector("input").checked = marked.has(row.dataset.id);
  find(".run-total").replaceChildren(...(marked.size ? both("marked", marked.size) : both("total", total)));
  find('[data-do="compare"]').disabled = marked.size !== 2;
  find('[data-do="erase"]').disabled = !marked.size;
  find(".run-none").hidden = total > 0;
  sure.hidden = true;
};

const show = (value) => {
  if (!value) return;
  const { html, total: count } = JSON.parse(value);
  const open = new Set([...board.querySelectorAll("details[open]")].map((one) => one.closest("section").dataset.gold));
  board.innerHTML = html;
  total = count;
  for (const one of board.querySelectorAll("details")) one.open = open.has(one.closest("section").dataset.gold);
  const present = new Set(rows().map((row) => row.dataset.id));
  for (const id of marked) if (!present.has(id)) marked.delete(id);
  settle();
};

// Two evaluations can be compared where they are of the same gold, which is a section of its own.
const sections = () => new Set(rows().filter((row) => marked.has(row.dataset.id)).map((row) => row.closest("section")));

const press = {
  compare: () => sections().size === 1 ? trigger("evaluations_compared", { ids: [...marked] }) : say(...both("two")),
  erase: () => {
    find('[data-do="sure"]').replaceChildren(...both("sure", marked.size));
    sure.hidden = false;
    find('[data-do="sure"]').focus();
  },
  cancel: settle,
  sure: () => {
    trigger("evaluations_erased", { ids: [...marked] });
    marked.clear();
    settle();
  },
};

// The first click sorts numbers from the top, words from the beginning; the next one the other way round.
const sort = (head) => {
  const column = head.firstElementChild.dataset.sort;
  const body = head.closest("table").tBodies[0];
  const value = (row) => row.querySelector(`[data-column="${column}"]`).dataset.value;
  const found = [...body.rows];
  const numbers = found.every((row) => value(row) !== "" && !Number.isNaN(Number(value(row))));
  const before = head.ariaSort;
  const down = before ? before === "ascending" : numbers;
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.ariaSort = down ? "descending" : "ascending";
  const order = (one, other) => numbers ? value(one) - value(other) : value(one).localeCompare(value(other));
  found.sort((one, other) => (down ? -1 : 1) * order(one, other));
  body.append(...found);
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  say();
  if (button.dataset.do) press[button.dataset.do]();
  else if (button.dataset.sort) sort(button.parentElement);
  else if (button.classList.contains("run-open")) trigger("evaluation_chosen", { id: button.closest("tr").dataset.id });
});

board.addEventListener("change", (event) => {
  const { id } = event.target.closest("tr").dataset;
  if (event.target.checked) marked.add(id); else marked.delete(id);
  settle();
});

window.techgptEvaluation = {
  // The button of a task has the server fill that task's tab; a run that goes on there would write over it.
  open(opened) {
    if (!opened) return;
    const { task } = JSON.parse(opened);
    const stop = document.getElementById(`${task}-stop`);
    if (stop && !stop.disabled) {
      say(...both("busy"));
      find(".run-say").scrollIntoView({ block: "nearest" });
      return;
    }
    document.getElementById(`evaluation-open-${task}`)?.click();
  },
};

watch("value", () => show(props.value));
show(props.value);

window.techgptShown(element, () => trigger("list_shown"));
