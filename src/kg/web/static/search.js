/* Suggestions under every <input data-suggest="/suggest?lang=…">: the editable combobox with a list
   box of the ARIA Authoring Practices. Without this script the form works alone. */
"use strict";

const DELAY = 150; // milliseconds without typing before anything is asked
let boxes = 0;

function suggestFor(input) {
  const list = document.createElement("ul"), status = document.createElement("span");
  const form = input.form, id = `suggestions-${++boxes}`;
  let hits = [], active = -1, timer = 0, asked = 0, request = null, composing = false;

  list.id = id;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestions);
  status.className = "unseen";
  status.setAttribute("role", "status");
  const box = document.createElement("span");
  box.className = "suggesting";
  input.replaceWith(box);
  box.append(input, list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off" })) input.setAttribute(name, value);

  function close() {
    clearTimeout(timer);
    request?.abort();
    asked += 1; // an answer under way comes too late
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(number) {
    active = number;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === number)));
    if (number < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", `${id}-${number}`);
      list.children[number].scrollIntoView({ block: "nearest" });
    }
  }

  function line(hit, number) {
    const item = document.createElement("li");
    item.id = `${id}-${number}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    for (const [name, text] of [["label", hit.label], ["kind", hit.type], ["quiet", [hit.where, hit.reason].filter(Boolean).join(" · ")]]) {
      if (!text) continue;
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      item.append(part, " ");
    }
    item.addEventListener("click", () => open(hit));
    return item;
  }

  function open(hit) {
    // An address of this site, or a thing that somebody else answers for.
    if (/^\/(?![/\\])|^https?:\/\//.test(hit.path)) location.assign(hit.path);
  }

  function show(found) {
    hits = found;
    list.replaceChildren(...hits.map(line));
    list.hidden = hits.length === 0;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    status.textContent = hits.length ? input.dataset.suggested.replace("{n}", hits.length) : input.dataset.unsuggested;
    choose(-1);
  }

  async function ask() {
    const text = input.value, number = ++asked;
    request?.abort();
    if (!text.trim()) return close();
    request = new AbortController();
    const address = new URL(input.dataset.suggest, location.origin);
    address.searchParams.set("q", text);
    try {
      const answer = await fetch(address, { signal: request.signal, headers: { Accept: "application/json" } });
      const found = answer.ok ? (await answer.json()).hits : [];
      if (number === asked && document.activeElement === input) show(found);
    } catch (error) {
      if (error.name !== "AbortError" && number === asked) close();
    }
  }

  function later() {
    clearTimeout(timer);
    if (!composing) timer = setTimeout(ask, DELAY);
  }

  input.addEventListener("compositionstart", () => { composing = true; clearTimeout(timer); });
  input.addEventListener("compositionend", () => { composing = false; later(); });
  input.addEventListener("input", (event) => { if (!composing && !event.isComposing) later(); });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  input.addEventListener("keydown", (event) => {
    // 229: the key belongs to the input method; Safari ends a composition before it sends Enter.
    if (composing || event.isComposing || event.keyCode === 229) {
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return hits.length && input.value.trim() ? ask() : undefined;
      const step = event.key === "ArrowDown" ? 1 : -1, places = hits.length + 1;
      choose((active + 1 + step + places) % places - 1); // one place is the text itself
    } else if (event.key === "Enter" && isOpen && active >= 0) {
      event.preventDefault();
      open(hits[active]);
    } else if (event.key === "Enter") close();
    else if (event.key === "Escape" && isOpen) { event.preventDefault(); close(); }
  });
  form?.addEventListener("submit", (event) => { if (composing) event.preventDefault(); });
}

document.querySelectorAll("input[data-suggest]").forEach(suggestFor);
