// The explorer without leaving the page: a changed filter or an expansion asks the server for the same
// page at its new address and takes over what changed. The server gives every position, so nothing jumps.
"use strict";
(() => {
  let client = {};
  let selected = "";
  const root = () => document.getElementById("explorer");
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

  function ready() {
    client = JSON.parse(document.getElementById("kg-explorer").textContent);
    const filters = document.querySelector(".kg-filters");
    if (!window.kgSeen && window.matchMedia("(max-width: 999px)").matches) filters.open = false;
    window.kgSeen = true;
    const form = filters.querySelector("form");
    const asked = addressOf(form).href; // a field that ends as it began, or empty, asks for nothing new
    form.addEventListener("change", () => { if (addressOf(form).href !== asked) go(addressOf(form), { hold: true }); });
    const rows = [...document.querySelectorAll("tr[data-thing]")];
    for (const row of rows) {
      row.tabIndex = 0;
      row.addEventListener("focus", () => { if (selected !== row.dataset.thing) window.kgSelect(row.dataset.thing); });
      row.addEventListener("keydown", (event) => {
        const next = rows[rows.indexOf(row) + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] || NaN)];
        if (next) { event.preventDefault(); next.focus(); }
      });
    }
    window.kgReady.then(() => { if (window.kgNetwork) for (const end of ["dragEnd", "zoom"]) kgNetwork.on(end, remember); });
    form.addEventListener("submit", (event) => { event.preventDefault(); go(addressOf(form), { hold: true }); });
  }

  // Only what differs from the page as it stands without a choice, so that addresses stay short.
  function addressOf(form) {
    const address = new URL(form.action);
    const types = form.querySelectorAll("input[name=type]");
    const every = [...types].every((box) => box.checked);
    for (const [name, value] of new FormData(form)) {
      const usual = client.usual[name];
      if (!value || (usual !== undefined && String(usual) === value) || name === "listed" || (name === "type" && every)) continue;
      address.searchParams.append(name, value);
    }
    return address;
  }

  // What is selected and where one looks stands behind the #, without a step of its own in the history.
  let waiting = 0;
  function remember() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!window.kgNetwork) return;
      const { x, y } = kgNetwork.getViewPosition();
      const view = [kgNetwork.getScale().toFixed(3), Math.round(x), Math.round(y)].join(",");
      const parts = new URLSearchParams({ ...(selected ? { thing: selected } : {}), view });
      history.replaceState(history.state, "", `${location.pathname}${location.search}#${parts}`);
    }, 200);
  }
  function recall() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const [scale, x, y] = (parts.get("view") || "").split(",").map(Number);
    if (!window.kgNetwork) return;
    if (scale > 0 && Number.isFinite(x) && Number.isFinite(y)) kgNetwork.moveTo({ scale, position: { x, y }, animation: false });
    if (parts.has("thing")) window.kgSelect(parts.get("thing"));
  }

  // Keeps where one looks, and holds what is selected as long as it is drawn: a key that follows a changed
  // field means the same whether the answer is there or not.
  let latest = 0;
  let underway = null; // the address of the answer that is awaited; what is asked for meanwhile builds on it
  async function go(address, { push = true, keep = false, hold = keep } = {}) {
    const turn = ++latest;
    underway = address;
    root().classList.add("kg-busy");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("explorer");
      if (turn !== latest) return;
      if (!answer.ok || !fresh) { window.location.assign(address); return; }
      underway = null;
      const taken = take(page, fresh, { keep, hold }, turn);
      if (push) history.pushState(null, "", address);
      await taken;
    } catch (error) {
      if (turn === latest) window.location.assign(address);
    }
  }

  async function take(page, fresh, { keep, hold }, turn) {
    const active = document.activeElement;
    const place = active && active.name ? `[name="${CSS.escape(active.name)}"]` : "";
    const value = active && active.value;
    const open = document.querySelector(".kg-filters").open;
    const scrolls = [...document.querySelectorAll(".kg-values")].map((box) => box.scrollTop);
    const view = keep && window.kgNetwork ? { scale: kgNetwork.getScale(), position: kgNetwork.getViewPosition() } : null;
    const chosen = selected;
    root().replaceWith(document.adoptNode(fresh));
    document.title = page.title;
    document.querySelector(".kg-filters").open = open;
    [...document.querySelectorAll(".kg-values")].forEach((box, index) => { box.scrollTop = scrolls[index] || 0; });
    if (place) {
      const same = [...document.querySelectorAll(`.kg-filters ${place}`)];
      (same.find((field) => field.value === value) || same[0] || document.body).focus({ preventScroll: true });
    }
    selected = "";
    if (!document.getElementById("mynetwork") && window.kgStop) { window.kgStop(); window.kgStop = window.kgNetwork = null; }
    window.kgReady = window.kgDrawNetwork();
    ready();
    await window.kgReady;
    if (!window.kgNetwork || turn !== latest) return;
    if (view) kgNetwork.moveTo({ ...view, animation: false });
    if (chosen && hold && (keep || !selected)) window.kgSelect(chosen); // a picture around a thing selects that
  }

  function changed(name, value) {
    const address = new URL(underway || window.location);
    address.hash = "";
    address.searchParams.append(name, value);
    return address;
  }

  // Links of the panel for what is selected.
  document.addEventListener("kg-select", ({ detail }) => {
    selected = detail.iri;
    remember();
    for (const row of document.querySelectorAll("tr[data-thing]")) row.toggleAttribute("aria-current", row.dataset.thing === selected);
    if (!selected) return;
    const list = document.createElement("p");
    list.className = "kg-actions";
    const add = (text, address, keep) => {
      const made = document.createElement("a");
      made.textContent = text;
      made.href = address();
      made.rel = "nofollow";
      made.addEventListener("click", (event) => { event.preventDefault(); go(address(), { keep }); });
      list.append(made);
    };
    const more = client.beyond[selected];
    if (more) add(client.texts.expand.replace("{n}", more), () => changed("expand", detail.iri), true);
    const middle = new URL(window.location.pathname, window.location.href);
    middle.searchParams.set("focus", selected);
    add(client.texts.focus, () => middle, false);
    add(client.texts.hide, () => changed("hide", detail.iri), true);
    detail.panel.querySelector("h3").after(list);
  });
  document.addEventListener("kg-open", ({ detail }) => { if (client.beyond[detail.iri]) go(changed("expand", detail.iri), { keep: true }); });

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".kg-things a[rel], .kg-undo a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(new URL(link.href), { keep: !link.href.includes("focus=") || Boolean(link.closest(".kg-undo")) });
  });
  document.addEventListener("keydown", (event) => {
    if (!window.kgNetwork || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Delete" && selected) go(changed("hide", selected), { keep: true });
    else if (event.key === "Enter" && selected && event.target.closest("#mynetwork") && client.beyond[selected]) go(changed("expand", selected), { keep: true });
    else if (event.key.toLowerCase() === "f") window.kgFit();
    else if (event.key === "Escape") window.kgSelect("");
  });
  window.addEventListener("popstate", () => go(new URL(window.location.href), { push: false }));
  ready();
  window.kgReady.then(recall);
})();
