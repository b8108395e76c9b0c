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
  // Gradio's core bundle exports changeLocale; importing it again gives the module already loaded.
  window.techgptSwitch = async () => {
    const next = window.techgptLocale === "en" ? "zh-CN" : "en";
    window.techgptLocale = next;
    localStorage.setItem("techgpt-lang", next.slice(0, 2));
    window.techgptAddress({ lang: next.slice(0, 2) });
    const core = performance.getEntriesByType("resource").map((entry) => entry.name)
      .find((name) => /\/core-[^/]*\.js$/.test(name));
    const bundle = await import(core);
    bundle.changeLocale(next);
    document.documentElement.lang = next;
  };
})();
