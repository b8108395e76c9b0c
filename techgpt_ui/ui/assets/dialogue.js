// The body of a function with element, trigger and props: the buttons of a dialogue or of its list; with
// props.keys the dialogue's keys and scrolling as well.
const root = element.closest(".talk");
const part = (name) => document.getElementById(`${props.task}-${name}`);
const box = () => part(props.box)?.querySelector("textarea");
const writing = () => part("stop") && !part("stop").disabled;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
// On a screen that is touched, focus would bring up the keyboard.
const backToBox = () => { if (matchMedia("(pointer: fine)").matches) box()?.focus({ preventScroll: true }); };

async function settled() {
  if (writing()) part("stop").click();
  for (let round = 0; writing() && round < 300; round += 1) await pause(50);
}

element.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-deed]");
  if (!button || button.disabled) return;
  const told = { ...button.dataset };
  // What is being written belongs to the dialogue that is open now.
  if (told.stops) await settled();
  trigger(told.event || "click", told);
  if (told.deed !== "delete" && told.deed !== "export") backToBox();
});

if (props.lists) trigger("load", {});
if (props.keys) {
  root.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // this key belongs to the input method
    if (event.key === "Escape") {
      if (writing()) part("stop").click();
      else root.querySelector("button[data-deed=cancel]")?.click();
    } else if (event.key === "Enter" && !event.shiftKey && event.target === box()) {
      event.preventDefault();
      event.stopPropagation();
      part("run").click();
    }
  }, true);
  // Gradio would send on Shift+Enter and keep the new line.
  root.addEventListener("keypress", (event) => {
    if (event.key === "Enter" && event.target === box()) event.stopPropagation();
  }, true);
  const view = element.closest(".talk-box");
  let follows = true;
  root.addEventListener("click", (event) => {
    if (!event.target.closest(`#${props.task}-run, #${props.task}-stop`)) return;
    follows = true;
    backToBox();
  });
  view.tabIndex = 0;
  view.addEventListener("scroll", () => { follows = view.scrollHeight - view.scrollTop - view.clientHeight < 60; });
  new MutationObserver(() => { if (follows) view.scrollTop = view.scrollHeight; })
    .observe(view, { childList: true, subtree: true, characterData: true });
  // Around them stands Gradio's own clock, which nobody wants to hear.
  for (const name of ["spoken", "status"]) part(name)?.querySelector(".html-container")?.setAttribute("aria-live", "polite");
}
