// A document run once more, beside what the project has of it. It decides nothing.
const beside = node("section", { className: "rv-beside", hidden: true });
const outcome = node("div", { className: "rv-outcome" });
outcome.setAttribute("role", "status");
let besideOf = ""; // the document and task that the panel is about
let listening = null; // ends the run under way
find(".rv-keys").after(beside);

const documentOf = (task) => (task ? `${project.id} ${task.document} ${task.task}` : "");
const endRun = () => { listening?.abort(); listening = null; };
const closeBeside = () => {
  const within = beside.contains(document.activeElement);
  endRun();
  besideOf = "";
  beside.hidden = true;
  beside.replaceChildren();
  outcome.replaceChildren();
  if (within) card.focus({ preventScroll: true });
};
follow.push((task) => {
  if (besideOf && documentOf(task) !== besideOf) closeBeside();
  else markCurrent();
});
// Whoever leaves the page or the tab's project is waited for by no run.
window.addEventListener("pagehide", endRun);

const settleTitles = () => beside.querySelectorAll("option[data-en]").forEach((option) => {
  option.textContent = option.dataset[lang()];
});
new MutationObserver(settleTitles).observe(document.documentElement, { attributeFilter: ["lang"] });

const field = (key, control) => node("label", { className: "rv-field" }, node("span", {}, ...both(`rerun_${key}`)), control);
const choice = (name, options, chosen) => {
  const made = node("select", { name });
  made.append(...options.map(({ id, zh, en }) => {
    const option = node("option", { value: id, selected: id === chosen });
    Object.assign(option.dataset, { zh, en });
    return option;
  }));
  return made;
};
const number = (name, props) => node("input", { name, type: "number", ...props });

const besideForm = (found) => {
  const automatic = { id: "", zh: props.words.rerun_automatic.zh, en: props.words.rerun_automatic.en };
  const grounded = node("input", { name: "grounded", type: "checkbox", checked: found.grounded });
  const made = node("form", {},
    ...(found.variants.length > 1 ? [field("variant", choice("variant", [automatic, ...found.variants], ""))] : []),
    field("sampling", choice("sampling", found.samplings, found.sampling)),
    field("temperature", number("temperature", { min: 0, max: 5, step: "any" })),
    field("max_new_tokens", number("max_new_tokens", { min: 1, max: 4096, step: 1 })),
    field("seed", number("seed", { value: 0, min: 0, step: 1 })),
    ...(found.grounded ? [node("label", { className: "rv-check" }, grounded, " ", ...both("rerun_grounded"))] : []),
    node("button", { type: "submit", className: "primary" }, ...both("rerun_go")),
    Object.assign(button("rerun_stop", guarded(() => ask("rerun_stop"))), { className: "rv-stop", disabled: true }),
  );
  made.dataset.form = "rerun";
  return made;
};

const openBeside = guarded(async () => {
  if (!current) return;
  if (besideOf) { closeBeside(); return; }
  const asked = current;
  const found = await ask("rerun_options", { project: project.id, item: asked.item });
  if (current !== asked) return;
  besideOf = documentOf(asked);
  beside.replaceChildren(
    node("p", { className: "rv-tip" }, ...both("rerun_tip")),
    node("p", { className: "rv-tip" }, node("b", {}, ...["zh", "en"].map((one) => node("span", {
      className: `l-${one}`, lang: one, textContent: fill(props.words.rerun_model[one], { title: found.model[one] }),
    }))), " ", ...(found.switching ? both("rerun_switch") : []), " ", button("rerun_close", closeBeside)),
    besideForm(found), outcome,
  );
  settleTitles();
  beside.hidden = false;
  beside.querySelector("select").focus({ preventScroll: true });
  beside.scrollIntoView({ block: "nearest" });
});

forms.rerun = async (data, target) => {
  const asked = { project: project.id, item: current.item, grounded: data.grounded === "on", seed: Number(data.seed || 0) };
  ["variant", "sampling"].forEach((name) => { if (data[name]) asked[name] = data[name]; });
  ["temperature", "max_new_tokens"].forEach((name) => { if (data[name] !== "") asked[name] = Number(data[name]); });
  endRun();
  const mineOnly = new AbortController();
  listening = mineOnly;
  const running = (on) => {
    target.querySelector('[type="submit"]').disabled = on;
    target.querySelector(".rv-stop").disabled = !on;
  };
  running(true);
  outcome.replaceChildren(...both("rerun_starting"));
  try {
    await listen(asked, mineOnly.signal);
  } catch (error) {
    if (mineOnly.signal.aborted) return;
    outcome.replaceChildren();
    throw error;
  } finally {
    if (listening === mineOnly) listening = null;
    running(false);
  }
};

// The server tells a line of JSON at a time; the last one holds the outcome, or what went wrong.
const listen = async (asked, signal) => {
  const broken = { texts: props.words.rerun_broken };
  let rest = "";
  let told = null;
  let reader;
  try {
    const answer = await fetch(`${base}/rerun`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked), signal,
    });
    reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + read.value).split("\n");
      rest = lines.pop();
      lines.forEach((line) => {
        told = JSON.parse(line);
        if (told.words) outcome.replaceChildren(...inBoth(told.words));
      });
    }
    if (rest) told = JSON.parse(rest);
  } catch {
    throw broken;
  }
  if (told?.error) throw { texts: told.error };
  if (!told?.done) throw broken;
  drawOutcome(told.done);
};

const drawOutcome = (done) => {
  const unsure = { cancelled: "rerun_stopped", length: "rerun_cut" }[done.finish];
  const facts = done.model ? { model: done.model.name, seconds: (done.seconds ?? 0).toFixed(1) } : null;
  outcome.replaceChildren(
    node("p", { className: "rv-counts" }, node("b", {}, ...both("rerun_counts", done.counts)), " · ", ...(facts ? both("rerun_by", facts) : [])),
    ...[...(unsure ? [props.words[unsure]] : []), ...(done.status === "unparsed" ? [props.words.rerun_unparsed] : []), ...done.notices,
      ...(done.trouble ? [done.trouble] : [])].map((texts) => node("p", { className: "rv-tip" }, ...inBoth(texts))),
    ...(done.rows.length ? [] : [node("p", {}, ...both("rerun_nothing"))]),
    node("ul", { className: "rv-rows" }, ...done.rows.map(besideRow)),
    node("details", { open: done.status === "unparsed" }, node("summary", {}, ...both("rerun_raw")), node("pre", { textContent: done.raw })),
  );
  outcome.querySelector("ul").setAttribute("role", "list");
  markCurrent();
};

const said = (kind, payload) => node("span", {}, ...answerOf({ kind, payload, type: payload.type ?? payload.name ?? payload.language ?? "" }));
const besideRow = (row) => {
  const made = node("li", { className: `rv-row ${row.change}` },
    node("span", { className: "rv-change" }, ...both(`change.${row.change}`)), " ",
    ...(row.before && row.change !== "same" ? [row.after ? node("del", {}, said(row.kind, row.before)) : said(row.kind, row.before), " "] : []),
    ...(row.after ? [...(row.before && row.change !== "same" ? ["→ "] : []), said(row.kind, row.after)] : []),
    ...(row.confidence === null ? [] : [node("span", { className: "rv-tip" }, ` ${row.confidence.toFixed(2)}`)]),
    ...(row.decided ? [" · ", node("b", {}, ...both(`verdict.${row.decided.verdict}`)), " ", ...(row.decided.carried ? both("carried") : [])] : []),
    ...(row.wanted ? [" ✓ ", ...both("rerun_wanted")] : []),
  );
  made.dataset.items = row.items.join(" ");
  return made;
};
// The row of the item on the screen stands out.
const markCurrent = () => outcome.querySelectorAll(".rv-row").forEach((row) => {
  row.ariaCurrent = String(Boolean(current) && row.dataset.items.split(" ").includes(String(current.item)));
});

beside.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  closeBeside();
});
does.rerun = openBeside;
keys.r = "rerun";
