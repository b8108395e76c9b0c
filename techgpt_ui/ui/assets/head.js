// Runs before everything else: settles the page's language for Gradio, which asks navigator.language.
(() => {
  const wanted = new URLSearchParams(location.search).get("lang") || localStorage.getItem("techgpt-lang")
    || "__DEFAULT_LANG__" || navigator.language || "en";
  const locale = /^zh/i.test(wanted) ? "zh-CN" : "en";
  Object.defineProperty(navigator, "language", { get: () => window.techgptLocale, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [window.techgptLocale], configurable: true });
  window.techgptLocale = locale;
  document.documentElement.lang = locale;
  window.techgptAddress = (changes) => {
    const address = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) address.searchParams.set(name, value);
    history.replaceState(null, "", address);
  };
  // Tabs report themselves selected while the page is being put together; the address counts until that is over.
  window.techgptWanted = new URLSearchParams(location.search).get("task") || "";
  window.techgptSelected = (task) => { if (window.techgptOpened) window.techgptAddress({ task }); };
  // A tab opens by its own button, wherever the wish comes from: a link on the page or a finished handler.
  // A family's inner tabs are made when it is first opened.
  const press = (tab, tries = 100) => {
    const button = document.getElementById(`${tab}-button`);
    if (button) button.click();
    else if (tries) setTimeout(press, 30, tab, tries - 1);
  };
  window.techgptOpen = (task) => {
    const family = document.querySelector(`[data-task="${CSS.escape(task)}"]`)?.dataset.family;
    if (family) press(`tab-family-${family}`);
    press(`tab-${task}`);
  };
  // What the server sets a hidden box to: the task, and what makes it another value each time.
  window.techgptGo = (way) => { if (way) window.techgptOpen(way.split(" ")[0]); };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-open]");
    if (link) { event.preventDefault(); window.techgptOpen(link.dataset.open); return; }
    const copy = event.target.closest?.("button.copy");
    if (!copy) return;
    navigator.clipboard.writeText(copy.dataset.copy).then(() => {
      copy.classList.add("copied");
      setTimeout(() => copy.classList.remove("copied"), 1200);
    });
  });
  // Gradio's core bundle exports changeLocale; importing it again gives the module already loaded.
  // A tab that is not open has no size; what it lists is fetched each time that it is opened.
  window.techgptShown = (element, fetch) => {
    let visible = false;
    new ResizeObserver(() => {
      if (visible === element.clientWidth > 0) return;
      visible = !visible;
      if (visible) fetch();
    }).observe(element);
  };
  // Where a path of this app's is, also behind a proxy that adds a prefix.
  window.techgptServer = (path) => {
    const root = new URL(window.gradio_config?.root ?? "", location.href);
    const origin = root.hostname === location.hostname ? location.origin : root.origin;
    return origin + root.pathname.replace(/[/]+$/, "") + path;
  };
  // Asks whether the model's state has changed; only then the page's own events are set off, which cost far more.
  let heard = "";
  const listen = async () => {
    const button = document.getElementById("news");
    if (button && !document.hidden) {
      try {
        const answer = await fetch(window.techgptServer("__NEWS__"));
        const word = answer.ok ? await answer.text() : heard;
        if (word !== heard) { heard = word; button.click(); }
      } catch { /* the server is away; it is asked again */ }
    }
    setTimeout(listen, button ? 1000 : 100);
  };
  listen();
  window.techgptSwitch = async () => {
    const next = window.techgptLocale === "en" ? "zh-CN" : "en";
    window.techgptLocale = next;
    localStorage.setItem("techgpt-lang", next.slice(0, 2));
    window.techgptAddress({ lang: next.slice(0, 2) });
    const core = performance.getEntriesByType("resource").map((entry) => entry.name)
      .find((name) => /\/core-[^/]*\.js$/.test(name));
    const bundle = await import(core);
    const button = document.getElementById("language");
    const before = button.textContent;
    bundle.changeLocale(next);
    // Gradio fetches its words of a language first and does not say when it is done; a label that the server sends
    // before then would stay in the old one.
    for (let tries = 400; button.textContent === before && tries; tries -= 1) {
      await new Promise((done) => { setTimeout(done, 25); });
    }
    document.documentElement.lang = next;
  };
})();
