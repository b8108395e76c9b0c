// The list of projects, and the forms.
const list = guarded(async () => {
  const found = await ask("projects");
  known = found.projects;
  show("list");
  find(".rv-projects").replaceChildren(...found.projects.map((one) => {
    const line = node("li", {},
      Object.assign(button("to_desk", () => open(one.id)), { className: "primary" }), node("b", { textContent: one.name }),
      node("span", {}, ...both(`role.${one.me.role}`)), node("span", { className: "limits" }, ...both("progress", one.progress)),
    );
    line.dataset.project = one.id;
    return line;
  }));
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

Object.assign(forms, {
  async create(data, target) {
    const file = target.elements.file.files[0];
    const chosen = data.source === "file" && file;
    const { project: id, notices } = await ask("create", {
      name: data.name, reviewer: data.reviewer, guidelines: data.guidelines, task: data.task, query: data.query,
      n: Number(data.n), documents: Number(data.documents), seed: Number(data.seed), blind: data.blind / 100, double: data.double / 100, order: data.order,
      by: data.by === "none" ? [] : [data.by],
      ...(chosen ? { file_name: file.name, file: await inBase64(file) } : {}),
    });
    target.reset();
    settleSource();
    await open(id);
    tell(...notices.flatMap((one) => [...inBoth(one), " "]));
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
});
