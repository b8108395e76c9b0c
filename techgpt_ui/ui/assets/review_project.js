// One project, and its members.
const open = guarded(async (id, wanted = "review") => {
  await sending; // what is not written yet would come again
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

const changeRole = (member, role) => guarded(async () => {
  await ask("role", mine({ member, role }));
  const { me, members } = await ask("open", mine());
  Object.assign(project, { me, members });
  drawProject();
});

const drawProject = () => {
  unsure();
  exported.hidden = true;
  const leads = project.me.role !== "reviewer";
  find(".rv-guidelines").textContent = project.guidelines;
  find('[data-form="guidelines"] textarea').value = project.guidelines;
  find(".rv-invitation").textContent = project.invitation;
  find(".rv-leads").hidden = !leads;
  find('[data-do="view-disputes"]').hidden = !leads;
  find('[data-do="view-figures"]').hidden = !project.sampled;
  find('[data-do="view-reads"]').hidden = !project.readings.total;
  find('[data-form="carry"] select').replaceChildren(
    ...known.filter((one) => one.id !== project.id).map((one) => node("option", { value: one.id, textContent: one.name })),
  );
  find('[data-form="carry"]').hidden = known.length < 2;
  const admin = project.me.role === "admin";
  find('[data-do="delete"]').hidden = !admin;
  find(".rv-members").replaceChildren(...project.members.map((one) => {
    const others = admin ? ["reviewer", "lead", "admin"].filter((role) => role !== one.role) : [];
    return node("li", {}, `${one.name} · `, ...both(`role.${one.role}`), ...others.flatMap((role) => [" ", button(`make_${role}`, changeRole(one.id, role))]));
  }));
};

// What the format leaves out is said before the file is fetched.
const exported = find(".rv-export");
forms.export = async (data) => {
  const wanted = { format: data.format, ...(data.accepted ? { accepted: "1" } : {}) };
  const found = await ask("export", mine(wanted));
  const file = find(".rv-file");
  file.href = `${base}/export?${new URLSearchParams({ project: project.id, ...wanted })}`;
  file.replaceChildren(...both("export_file", { name: found.name, size: Math.ceil(found.bytes / 1000), documents: found.documents }));
  const losses = found.losses.length ? found.losses.map(inBoth) : [both("export_whole")];
  exported.querySelector("ul").replaceChildren(...losses.map((words) => node("li", {}, ...words)));
  exported.hidden = false;
};
find('[data-form="export"]').addEventListener("change", () => { exported.hidden = true; });

// The button that deletes asks once more, each time and in each project anew.
const unsure = () => {
  const press = find('[data-do="delete"]');
  delete press.dataset.sure;
  press.replaceChildren(...both("delete"));
};

Object.assign(does, {
  reopen: guarded(async () => {
    tell(...both("reopen_done", await ask("reopen", mine())));
    refreshProgress(0);
  }),
  delete: guarded(async () => {
    const press = find('[data-do="delete"]');
    if (!press.dataset.sure) {
      press.dataset.sure = "1";
      press.replaceChildren(...both("delete_sure"));
      return;
    }
    await ask("delete", mine());
    project = null;
    await list();
  }),
  "view-list": () => list(),
  "view-desk": () => open(project.id),
  "view-disputes": () => open(project.id, "disputes"),
  "view-project": () => {
    unsure();
    show("project");
  },
  "view-figures": guarded(async () => {
    show("figures");
    find(".rv-report").href = `${base}/report?project=${project.id}&lang=${lang()}`;
    find(".rv-figures").innerHTML = (await ask("figures", mine())).html; // made and escaped by the server
  }),
});
