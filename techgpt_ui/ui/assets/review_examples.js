// What a project's verdicts give back: examples for the tabs, and files to train and measure with.
const given = node("div", { className: "rv-given" });
const gives = node("details", { className: "rv-gives" }, node("summary", {}, ...both("examples")), given);
find(".rv-leads").append(gives);

const drawGiven = guarded(async () => {
  if (project.me.role === "reviewer") return;
  const there = project.id;
  const found = await ask("example_sets", { project: there });
  if (project.id !== there) return;
  const unread = node("input", { type: "checkbox", name: "unexamined" });
  const rows = node("ul", {});
  rows.setAttribute("role", "list");
  const redraw = () => rows.replaceChildren(...found.tasks.map((task) => givenRow(task, unread.checked)));
  unread.addEventListener("change", redraw);
  redraw();
  given.replaceChildren(
    node("p", { className: "limits" }, ...both("examples_tip")), rows,
    node("label", { className: "rv-check" }, unread, " ", ...both("examples_unexamined")),
    ...(found.sets.length ? [node("h4", {}, ...both("examples_mine")), mySets(found.sets)] : []),
  );
});

const givenRow = (task, unexamined) => {
  const ready = task.documents + (unexamined ? task.unexamined : 0) > 0;
  const file = (format) => node("a", {
    href: `${base}/given-back?${new URLSearchParams({ project: project.id, task: task.id, format, unexamined: unexamined ? 1 : 0 })}`,
    download: "",
  }, ...both(`give_${format}`));
  const files = ready ? ["gold", "sft", "preference", "few_shot"].flatMap((format) => [" · ", file(format)]) : [];
  const make = Object.assign(button("examples_make", () => makeExamples(task, unexamined)), { className: "rv-make" });
  return node("li", {}, node("b", {}, ...inBoth(task.title)), " ", ...both("examples_ready", task), " ", make, ...files);
};

// The tabs' own lists follow.
const refreshTabs = () => document.getElementById("example-sets")?.click();

const makeExamples = guarded(async (task, unexamined) => {
  const made = await ask("example_make", { project: project.id, task: task.id, unexamined });
  await drawGiven();
  refreshTabs();
  const words = ["zh", "en"].map((one) => node("span", {
    className: `l-${one}`, lang: one, textContent: fill(props.words.examples_made[one], { examples: made.examples, title: made.title[one] }),
  }));
  tell(...words, " ", ...(made.few_shot ? [] : both("examples_model")), " ", button("examples_open", () => window.techgptOpen(made.task)));
});

const mySets = (sets) => {
  const list = node("ul", { className: "rv-sets" }, ...sets.map((one) => node("li", {},
    node("b", {}, ...inBoth(one.title)), ` · ${one.id} · `, ...both("examples_count", { count: one.examples }), " ",
    button("examples_delete", guarded(async () => { 
      await ask("example_delete", { id: one.id });
      await drawGiven();
      refreshTabs();
    })),
  )));
  list.setAttribute("role", "list");
  return list;
};

// All of a project is read for it, so it waits until somebody wants to know.
gives.addEventListener("toggle", () => { if (gives.open) drawGiven(); });
follow.push(() => { gives.open = false; });
