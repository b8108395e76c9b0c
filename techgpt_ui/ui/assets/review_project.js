// One project, and its members.
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

Object.assign(does, {
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
});
