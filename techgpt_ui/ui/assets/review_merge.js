// Duplicates: the items of the same text that say the same or overlap, one of which is to stand for this one as well.
let alike = Promise.resolve([]);

// A digit may be pressed before the server has said what there is.
const mergeInto = async (at) => {
  const task = current;
  const chosen = (await alike)[at];
  if (chosen && current === task && mode === "merge") judge("merge", { payload: { into: chosen.item } });
};

// Verdicts that are still under way count: an item just merged or rejected is no answer any more.
const askAlike = guarded(async (task) => {
  await sending;
  const { items } = await ask("alike", mine({ item: task.item }));
  if (current !== task || mode !== "merge") return [];
  find(".rv-alike").replaceChildren(...items.map((one, at) => {
    const words = [...(at < 9 ? [node("kbd", { textContent: at + 1 }), " "] : []), ...answerOf(one)];
    const made = node("button", { type: "button" }, ...words, ...(one.model ? [node("small", { textContent: ` ${one.model}` })] : []));
    made.addEventListener("click", () => mergeInto(at));
    return made;
  }));
  if (!items.length) {
    setMode("");
    tell(...both("merge_none"));
  }
  return items;
});

inMode.merge = (event) => {
  if (!/^[1-9]$/.test(event.key)) return false;
  mergeInto(Number(event.key) - 1);
  return true;
};

does.merge = () => {
  if (!current) return;
  if (current.blind) { tell(...both("merge_blind")); return; }
  setMode("merge");
  find(".rv-alike").replaceChildren();
  alike = askAlike(current).then((items) => items ?? []);
};
keys.d = "merge";
