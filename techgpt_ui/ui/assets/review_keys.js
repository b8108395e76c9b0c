// Buttons and keys. Joined last: it begins.
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (pressed?.dataset.do) {
    tell();
    does[pressed.dataset.do]();
    // A key that follows a click is meant for the item, not for the button; by keyboard the button keeps the focus.
    if (event.detail && document.activeElement === pressed && pressed.closest(".rv-keys")) card.focus({ preventScroll: true });
  }
  if (pressed?.dataset.reason) judge("reject", { reason: pressed.dataset.reason });
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target === form) { save(); return; }
  guarded(forms[event.target.dataset.form])(Object.fromEntries(new FormData(event.target)), event.target);
});

const onKey = (event) => {
  if (!element.isConnected) { document.removeEventListener("keydown", onKey); return; }
  const visible = element.clientWidth > 0 && ["desk", "disputes", "reads"].includes(view);
  if (!visible || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") { cancel(); return; }
  if (typing) {
    if (event.key === "Enter" && event.target.closest(".rv-comment")) { event.preventDefault(); card.focus(); }
    return;
  }
  if ([" ", "Enter"].includes(event.key) && event.target.closest?.("button, a, summary")) return;
  const digit = current?.blind && !mode ? find(".rv-choices")?.children[Number(event.key) - 1] : null;
  if (digit) digit.click();
  else if (!inMode[mode]?.(event)) {
    const name = view === "reads" ? readKeys[event.key] : keys[event.key];
    if (view === "reads" && !name) return;
    if (event.key === "c") find(".rv-comment input").focus();
    else if (event.key === "ArrowLeft" && !mode) look(1);
    else if (event.key === "ArrowRight" && !mode) look(-1);
    else if (name) { tell(); does[name](); }
    else return;
  }
  event.preventDefault();
};
document.addEventListener("keydown", onKey);

// A tab that is not open asks for nothing.
window.techgptShown(element, () => { if (!project || view === "list") list(); });
