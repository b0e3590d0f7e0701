/* The query page: an editor over the text area, running and stopping, the views of a result. The
   server makes every view; this script fetches the same page that a browser without scripts gets. */
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("sparql-data").textContent);
  const words = data.words;
  const form = document.getElementById("ask");
  const area = document.getElementById("query");
  const [run, stop, clock, link] = ["run", "stop", "clock", "link"].map((id) => document.getElementById(id));
  const longest = 2000; // characters of an address that mail programs and proxies pass on whole
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // --- the address holds the whole state ---------------------------------------------------------
  async function squeeze(text, Kind) {
    const stream = new Blob([text]).stream().pipeThrough(new Kind("deflate-raw"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  async function pack(text) {
    const bytes = await squeeze(text, CompressionStream);
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    return new TextDecoder().decode(await squeeze(bytes, DecompressionStream));
  }
  const asked = () => new URLSearchParams(location.search);
  function parameters(query, view) {
    const found = new URLSearchParams({ query });
    if (view) found.set("view", view);
    for (const name of ["lang", "timeout"]) if (asked().get(name)) found.set(name, asked().get(name));
    for (const name of ["default-graph-uri", "named-graph-uri"]) for (const iri of asked().getAll(name)) found.append(name, iri);
    return found;
  }
  async function address(query, view) {
    const plain = `/sparql?${parameters(query, view)}`;
    if (plain.length <= longest) return plain;
    const others = parameters("", view);
    others.delete("query");
    return `/sparql${others.size ? "?" + others : ""}#q=${await pack(query)}`;
  }

  // --- the editor --------------------------------------------------------------------------------
  const editor = window.Yasqe && makeEditor();
  const text = () => (editor ? editor.getValue() : area.value);

  function makeEditor() {
    const place = element("div");
    area.after(place);
    area.hidden = true;
    const leave = () => run.focus();
    window.Yasqe.defaults.autocompleters = []; // its own would ask a public service; an option of none is merged away
    const made = new window.Yasqe(place, {
      value: area.value, persistenceId: null, showQueryButton: false, createShareableLink: undefined,
      consumeShareLink: undefined, resizeable: false, editorHeight: "auto", viewportMargin: Infinity,
      extraKeys: { "Ctrl-Enter": submit, "Cmd-Enter": submit, Esc: leave, Tab: false, "Shift-Tab": false, "Ctrl-S": false, "Ctrl-Space": () => complete(made, true) },
    });
    // What the component says of a wrong line it writes with inline styles, which the policy refuses.
    for (const kind of ["mouseover", "mouseout", "mouseenter"]) {
      place.addEventListener(kind, (event) => { if (event.target.closest?.(".parseErrorIcon")) event.stopPropagation(); }, true);
    }
    made.getInputField().setAttribute("aria-label", words.editor);
    document.querySelector("label[for=query]").addEventListener("click", () => made.focus());
    made.on("change", () => { area.value = made.getValue(); unmark(); });
    made.on("inputRead", (_, change) => {
      if (change.text[0] === ":") declare(made);
      complete(made, false);
    });
    return made;
  }

  let marks = [];
  function unmark() {
    for (const mark of marks) mark.clear();
    marks = [];
    for (let line = 0; line < editor.getDoc().lineCount(); line += 1) editor.removeLineClass(line, "background", "kg-wrong-line");
  }
  function mark(problem) {
    if (!editor || !problem?.dataset.line) return;
    const line = problem.dataset.line - 1;
    const written = editor.getDoc().getLine(line) ?? "";
    const from = Array.from(written).slice(0, problem.dataset.column - 1).join("").length; // columns count characters
    editor.addLineClass(line, "background", "kg-wrong-line");
    const start = Math.min(from, Math.max(0, written.length - 1));
    marks.push(editor.getDoc().markText({ line, ch: start }, { line, ch: start + 1 }, { className: "kg-wrong" }));
    editor.getDoc().setCursor({ line, ch: from });
    editor.scrollIntoView({ line, ch: from });
  }

  // --- completion --------------------------------------------------------------------------------
  let vocabulary = null;
  const loading = editor && fetch(data.vocabulary).then((answer) => answer.json()).then((found) => { vocabulary = found; }, () => {});
  function declared(doc) {
    return new Set([...doc.getValue().matchAll(/\bPREFIX\s+([\w-]*):/gi)].map((found) => found[1]));
  }
  function declare(made, name) {
    const cursor = made.getDoc().getCursor();
    const before = made.getDoc().getLine(cursor.line).slice(0, cursor.ch);
    const prefix = name ?? /(?:^|[\s{(^/|!,;.])([A-Za-z][\w-]*):$/.exec(before)?.[1];
    if (!prefix || !vocabulary?.prefixes[prefix] || declared(made.getDoc()).has(prefix) || /\bPREFIX\s+[\w-]*:$/i.test(before) || quoted(before)) return;
    made.getDoc().replaceRange(`PREFIX ${prefix}: <${vocabulary.prefixes[prefix]}>\n`, { line: 0, ch: 0 });
  }
  const quoted = (before) => /^[^"'<]*(?:"[^"]*"[^"'<]*|'[^']*'[^"'<]*|<[^<>\s]*>[^"'<]*)*["'<#]/.test(before) && !/^[^"']*<\s/.test(before);
  function candidates(made, word, before) {
    const plain = word.toLowerCase();
    if (/\bPREFIX\s+[\w-]*$/i.test(before)) {
      return Object.entries(vocabulary.prefixes).filter(([name]) => name.startsWith(word)).map(([name, iri]) => ({ text: `${name}: <${iri}>`, about: words.prefix, more: "" }));
    }
    if (/^[?$]/.test(word)) {
      const names = new Set([...made.getValue().matchAll(/[?$][\w\u4e00-\u9fff]+/g)].map((found) => found[0]));
      names.delete(word);
      return [...names].filter((name) => name.startsWith(word)).map((name) => ({ text: name, about: words.variable, more: "" }));
    }
    const wanted = /(?:\ba|rdf:type|rdfs:subClassOf|rdfs:domain|rdfs:range)\s+\S*$/.test(before) ? "class" : "property";
    const score = ([kind, name, label]) => {
      const local = name.slice(name.indexOf(":") + 1).toLowerCase();
      const found = name.toLowerCase().startsWith(plain) || local.startsWith(plain) ? 2 : name.toLowerCase().includes(plain) || label.toLowerCase().includes(plain) ? 1 : 0;
      return found && found + (kind === wanted ? 4 : 0);
    };
    return vocabulary.terms.map((term) => [score(term), term]).filter(([points]) => points).sort((a, b) => b[0] - a[0])
      .slice(0, 60).map(([, [kind, name, label, definition, uses]]) => ({ text: name, about: `${label} · ${words[kind]} · ${fill(words.uses, { n: uses.toLocaleString(data.lang) })}`, more: definition }));
  }
  async function complete(made, always) {
    await loading;
    if (!vocabulary) return;
    const cursor = made.getDoc().getCursor();
    const before = made.getDoc().getLine(cursor.line).slice(0, cursor.ch);
    const word = /[?$]?[\w:\u4e00-\u9fff-]*$/.exec(before)[0];
    if ((!always && word.length < 2) || quoted(before)) return;
    const pick = (_, __, chosen) => {
      made.getDoc().replaceRange(chosen.text, { line: cursor.line, ch: cursor.ch - word.length }, made.getDoc().getCursor(), "complete");
      if (!/\s/.test(chosen.text) && !/^[?$]/.test(chosen.text)) declare(made, chosen.text.split(":")[0]);
    };
    const render = (item, _, chosen) => {
      item.append(element("b", chosen.text), " ", element("i", chosen.about));
      if (chosen.more) item.append(element("small", chosen.more));
    };
    const list = candidates(made, word, before).map((found) => ({ ...found, hint: pick, render }));
    if (!list.length || (list.length === 1 && list[0].text === word)) return;
    made.showHint({ completeSingle: false, closeCharacters: /[\s>"{}();]/, container: made.rootEl, closeOnUnfocus: true,
      hint: () => ({ list: narrowed(), from: { line: cursor.line, ch: cursor.ch - word.length }, to: made.getDoc().getCursor() }) });
    function narrowed() {
      const now = made.getDoc().getCursor();
      const line = made.getDoc().getLine(now.line).slice(0, now.ch);
      const typed = line.slice(cursor.ch - word.length);
      return typed === word ? list : candidates(made, typed, line).map((found) => ({ ...found, hint: pick, render }));
    }
  }

  // --- running and stopping ----------------------------------------------------------------------
  let under = null;
  const result = () => document.getElementById("result");
  function tick(started, say) {
    clock.textContent = fill(say, { s: ((performance.now() - started) / 1000).toFixed(1) });
  }
  function submit() { ask(text(), { push: true }); }
  async function ask(query, { view = asked().get("view") || "", push = false } = {}) {
    under?.abort();
    const own = (under = new AbortController());
    const started = performance.now();
    const timer = setInterval(() => tick(started, words.running), 100);
    stop.hidden = false;
    result().setAttribute("aria-busy", "true");
    if (editor) unmark();
    try {
      if (push) history.pushState(null, "", await address(query, view));
      const body = parameters(query, view);
      const short = String(body).length <= longest;
      const answer = await fetch(short ? `/sparql?${body}` : "/sparql", { method: short ? "GET" : "POST", body: short ? null : body, headers: { Accept: "text/html" }, signal: own.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("result") || wrap(page);
      result().replaceWith(found);
      tick(started, words.took);
      await dress();
    } catch (error) {
      if (under !== own) return;
      if (error.name === "AbortError") tick(started, words.stopped);
      else clock.textContent = words.failed;
    } finally {
      clearInterval(timer);
      if (under === own) {
        under = null;
        const held = document.activeElement === stop;
        stop.hidden = true;
        if (held) run.focus();
        result().removeAttribute("aria-busy");
      }
    }
  }
  function wrap(page) {
    const made = element("section", "", { id: "result", "aria-label": words.result });
    made.append(...(page.querySelector("main")?.children ?? [element("p", words.failed)]));
    return made;
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  stop.addEventListener("click", () => under?.abort());
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && under && document.activeElement === stop) under.abort(); });
  window.addEventListener("popstate", () => location.reload());
  link.hidden = false;
  document.getElementById("keys").hidden = !editor;
  link.addEventListener("click", async () => {
    const view = document.querySelector(".views [aria-current]")?.dataset.view || "";
    await navigator.clipboard.writeText(new URL(await address(text(), view), location.href).href).then(() => { clock.textContent = words.copied; }, () => {});
  });

  // --- what a result can do ----------------------------------------------------------------------
  async function dress() {
    mark(document.querySelector(".problem[data-line]"));
    for (const tab of document.querySelectorAll(".views a")) tab.addEventListener("click", show);
    const table = document.getElementById("rows-table");
    if (table) dressTable(table);
    if (document.getElementById("kg-data")) {
      await load();
      if (!document.querySelector("#mynetwork canvas")) window.kgDrawNetwork();
    }
  }
  function show(event) {
    event.preventDefault();
    const view = event.currentTarget.dataset.view;
    const part = document.querySelector(`[data-shown="${view}"]`);
    if (!part) { ask(text(), { view, push: true }); return; } // a picture is made when it is asked for
    for (const other of document.querySelectorAll("[data-shown]")) other.hidden = other !== part;
    for (const tab of document.querySelectorAll(".views a")) tab.toggleAttribute("aria-current", tab === event.currentTarget);
    event.currentTarget.setAttribute("aria-current", "true");
    address(text(), view).then((found) => history.replaceState(null, "", found));
  }
  let loaded = null;
  function load() {
    if (window.vis) return Promise.resolve();
    loaded ||= new Promise((resolve) => {
      const [style, source] = data.vis;
      document.head.append(element("link", "", { rel: "stylesheet", href: style }));
      const script = element("script", "", { src: source });
      script.addEventListener("load", resolve);
      document.head.append(script);
    });
    return loaded;
  }

  function dressTable(table) {
    const size = 100; // rows that a page of the table shows
    const body = table.tBodies[0];
    let rows = [...body.rows];
    let first = 0;
    const bar = document.getElementById("rows").parentElement;
    const place = element("span", "", { "aria-live": "polite" });
    const back = element("button", words.previous, { type: "button", class: "plain-button" });
    const on = element("button", words.next, { type: "button", class: "plain-button" });
    function turn(to) {
      first = to;
      body.replaceChildren(...rows.slice(first, first + size));
      back.disabled = first === 0;
      on.disabled = first + size >= rows.length;
      place.textContent = fill(words.page, { from: first + 1, to: Math.min(first + size, rows.length) });
    }
    back.addEventListener("click", () => turn(first - size));
    on.addEventListener("click", () => turn(first + size));
    if (rows.length > size) bar.append(back, place, on);
    const short = [...table.querySelectorAll("td[data-short]")];
    if (short.length) {
      const toggle = element("button", words.iris, { type: "button", class: "plain-button", "aria-pressed": "false" });
      for (const cell of short) cell.label = cell.firstElementChild.textContent;
      toggle.addEventListener("click", () => {
        const on = toggle.getAttribute("aria-pressed") !== "true";
        toggle.setAttribute("aria-pressed", String(on));
        toggle.textContent = on ? words.labels : words.iris;
        for (const cell of short) cell.firstElementChild.textContent = on ? cell.dataset.short : cell.label;
      });
      bar.append(toggle);
    }
    for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
      const button = element("button", head.textContent, { type: "button", title: fill(words.sort, { name: head.textContent }) });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const value = (row) => row.cells[column].textContent;
        const numeric = rows.every((row) => value(row) === "" || Number.isFinite(Number(value(row))));
        const order = new Intl.Collator(data.lang, { numeric: true }).compare;
        rows = [...rows].sort((a, b) => (numeric ? Number(value(a)) - Number(value(b)) : order(value(a), value(b))) * (down ? -1 : 1));
        turn(0);
      });
    }
    turn(0);
  }

  // --- examples ----------------------------------------------------------------------------------
  const finder = document.getElementById("find");
  document.getElementById("finder").hidden = false;
  const examples = [...document.querySelectorAll("#examples li")];
  finder.addEventListener("input", () => {
    const parts = finder.value.toLowerCase().split(/\s+/);
    for (const item of examples) item.hidden = !parts.every((part) => item.textContent.toLowerCase().includes(part));
    document.getElementById("no-example").hidden = examples.some((item) => !item.hidden);
  });
  for (const item of examples) {
    item.firstElementChild.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const page = item.firstElementChild.href;
      const answer = await fetch(`${page}.rq?lang=${data.lang}`).catch(() => null);
      if (!answer?.ok) { location.assign(page); return; }
      const query = await answer.text();
      if (editor) editor.setValue(query); else area.value = query;
      ask(query, { view: "", push: true });
      document.querySelector("h1").scrollIntoView();
    });
  }

  // --- the beginning -----------------------------------------------------------------------------
  async function begin() {
    const packed = /^#q=([\w-]+)$/.exec(location.hash);
    if (packed) {
      const query = await unpack(packed[1]).catch(() => null);
      if (query !== null) {
        if (editor) editor.setValue(query); else area.value = query;
        await ask(query);
        return;
      }
    }
    await dress();
  }
  begin();
})();
