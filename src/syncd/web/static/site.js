// What JavaScript adds, and pages do without: keys, the reader's zone, and whether it is live.
(() => {
  "use strict";
  const body = document.body;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes("syncd-zone=")) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `syncd-zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }

  // After a POST the page says so: its heading gets the focus. A live refresh never moves it.
  const said = document.querySelector("[role=alert], [data-said]");
  if (said) { said.tabIndex = -1; said.focus(); }

  // Keys. None of them changes anything; one switch in /account turns all of them off.
  let waitsForPlace = 0;
  const rows = () => [...document.querySelectorAll("main table.rows tbody tr a[href]")].filter(
    (link, at, all) => all.findIndex((one) => one.closest("tr") === link.closest("tr")) === at);
  const move = (by) => {
    const all = rows();
    const here = all.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = all[Math.min(all.length - 1, Math.max(0, here + by))];
    if (next) next.focus();
  };
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.key === "Escape" && at.matches?.("input, select, textarea")) { at.blur(); return; }
    const isTyping = at.matches?.("input, select, textarea, [contenteditable]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || body.dataset.keys === "off") return;
    if (Date.now() - waitsForPlace < 1500) {
      waitsForPlace = 0;
      const link = [...document.querySelectorAll("header [data-key]")].find((one) => one.dataset.key === event.key);
      if (link) { event.preventDefault(); location.href = link.href; }
      return;
    }
    switch (event.key) {
      case "/": event.preventDefault(); document.getElementById("find")?.focus(); break;
      case "g": waitsForPlace = Date.now(); break;
      case "j": move(1); break;
      case "k": move(-1); break;
      case "?": document.querySelector("[data-help]")?.click(); break;
    }
  });

  // Live: a sign of life every ten seconds, every part read again within the minute; or the
  // page says since when that is not so.
  const live = document.querySelector("#live[hx-sse\\:connect]");
  if (live) {
    let last = Date.now(), read = last;
    const unread = new Set();
    const part = (event) => event.detail?.ctx?.sourceElement?.closest?.(".live[id]")?.id;
    const alive = () => { last = Date.now(); };
    body.addEventListener("moved", alive);
    body.addEventListener("beat", () => {
      alive();
      if (unread.size || last - read > 30000) htmx.trigger(body, "moved");
    });
    document.addEventListener("visibilitychange", alive);
    // A hidden tab lets go of its stream; its title goes on to say how things stand.
    setInterval(() => { if (document.hidden) htmx.trigger(body, "moved"); }, 60000);
    for (const failed of ["htmx:response:error", "htmx:error"]) {
      body.addEventListener(failed, (event) => { if (part(event)) unread.add(part(event)); });
    }
    body.addEventListener("htmx:after:swap", (event) => {
      if (event.detail?.ctx?.response?.status >= 400) return;  // nothing was swapped
      unread.delete(part(event));
      if (part(event) && !unread.size) read = Date.now();
    });
    // The session has ended: the page leads to signing in, and from there back here.
    body.addEventListener("htmx:sse:error", (event) => {
      if (event.detail?.status === 401) location.replace(location.pathname + location.search);
    });
    const said = (since) => `since ${new Date(since).toLocaleTimeString("en-GB")}; this is what was known then.`;
    setInterval(() => {
      const isSilent = !document.hidden && Date.now() - last > 15000;
      const text = isSilent ? `Not live ${said(last)}` : unread.size ? `Could not be read ${said(read)}` : "";
      if (text === live.textContent) return;
      if (text) body.dataset.stale = ""; else delete body.dataset.stale;
      live.textContent = text;
    }, 1000);
  }
})();
