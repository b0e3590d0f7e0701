// Draws the picture of the data island with vis-network; nothing from the data becomes HTML.
"use strict";
window.kgDrawNetwork = async () => {
  const island = document.getElementById("kg-data");
  const canvas = document.getElementById("mynetwork");
  if (!island || !canvas || !window.vis) return;
  if (window.kgStop) window.kgStop(); // the picture before this one
  window.kgStop = window.kgNetwork = null;
  window.kgSelect = () => {};
  let data = JSON.parse(island.textContent);
  if (data.drawing) { // a large picture has an address of its own
    canvas.setAttribute("aria-busy", "true");
    const { drawing, failed } = data;
    data = await fetch(drawing).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    if (!canvas.isConnected) return; // another picture took its place meanwhile
    canvas.removeAttribute("aria-busy");
    if (!data) { canvas.textContent = failed; return; }
  }
  const over = new AbortController();
  const { signal } = over;
  // Options that many nodes and edges share, and the beginning of their names, stand in the island once.
  const whole = ({ s, ...own }) => ({ ...data.shared[s], ...own });
  const named = (id) => (id.startsWith("~") ? data.base + id.slice(1) : id);
  data.nodes = data.nodes.map((node) => ({ ...whole(node), id: named(node.id) }));
  const idOf = (index) => (typeof index === "number" ? data.nodes[index].id : "");
  for (const node of data.nodes) if ("of" in node) node.of = idOf(node.of);
  data.edges = data.edges.map((edge) => ({ ...whole(edge), from: idOf(edge.from), to: idOf(edge.to) }));
  const titles = new Map(data.nodes.map((node) => [node.id, node.title]));
  data.edges = data.edges.map(whole).map((edge) => ({ ...edge, from: named(edge.from), to: named(edge.to) }));
  for (const edge of data.edges) edge.title = `${titles.get(edge.from)} → ${edge.title} → ${titles.get(edge.to)}`;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const readableFont = 12; // pixels on the screen below which names are not drawn smaller
  const colours = {
    light: { ink: "#1d2733", halo: "#ffffff", line: "#66788a", band: "#f1f4f7" },
    dark: { ink: "#e8edf2", halo: "#14191f", line: "#9fb0c0", band: "#1c232b" },
  };
  const palette = () => (isDark() ? colours.dark : colours.light);

  function isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen === "dark" || (chosen !== "light" && dark.matches);
  }

  // Text nodes: their aligned edge stays where the layout put it, whatever the width of the font here.
  const ruler = document.createElement("canvas").getContext("2d");
  function measured(node) {
    if (node.shape !== "text" || node.align === "center") return node;
    ruler.font = `${node.font.size}px ${node.font.face}`;
    const half = ruler.measureText(node.label).width / 2;
    return { ...node, x: node.edge + (node.align === "right" ? half : -half) };
  }

  function painted(item) {
    const { ink, halo, line } = palette();
    const font = item.font && item.shape !== "box" ? { ...item.font, color: ink, strokeColor: halo } : item.font;
    const painting = font ? { ...item, font } : { ...item };
    if ("from" in item) painting.color = { inherit: false, color: line, highlight: "#d55e00", hover: "#d55e00" };
    return painting;
  }

  const sizes = data.nodes.filter((node) => node.of).map((node) => node.font.size);
  const nameSize = sizes.length ? Math.min(...sizes) : 16;
  const nodes = new vis.DataSet(data.nodes.map((node) => painted(measured(node))));
  const edges = new vis.DataSet(data.edges.map(painted));
  const tools = document.querySelector(".kg-zoom");
  tools.hidden = false;
  fitHeight();
  const network = new vis.Network(canvas, { nodes, edges }, data.options);
  window.kgNetwork = network;
  window.kgStop = () => { over.abort(); observer.disconnect(); network.destroy(); };

  // The canvas is as high as the picture needs at full size, within what a screen can show.
  function isFull() { return document.fullscreenElement === document.documentElement; }
  function fitHeight() {
    const stage = canvas.closest(".kg-stage");
    if (isFull()) {
      canvas.style.height = `${stage.clientHeight - tools.offsetHeight - 12}px`;
      stage.querySelector(".kg-panel").style.maxHeight = `${stage.clientHeight}px`;
      return;
    }
    const [, , width, height] = data.world;
    const scale = Math.min(1, canvas.clientWidth / (1.1 * width));
    const wanted = Math.max(scale, readableFont / nameSize) * height * 1.1;
    const most = Math.max(window.innerHeight * 0.8, 480);
    canvas.style.height = `${Math.round(Math.min(Math.max(wanted, 440), most))}px`;
    stage.querySelector(".kg-panel").style.maxHeight = canvas.style.height;
  }

  network.on("beforeDrawing", (context) => {
    context.fillStyle = palette().band;
    for (const [x, y, width, height] of data.bands) context.fillRect(x, y, width, height);
  });

  // Full screen, a small picture grows to be seen from the back of a room.
  function fit() { network.fit({ animation: false, maxZoomLevel: isFull() ? 2 : 1 }); }
  window.kgFit = fit;

  // On a narrow screen names stay readable: the picture starts at its beginning and is dragged.
  function show() {
    fit();
    const least = readableFont / nameSize;
    if (network.getScale() >= least) return;
    const [left, top, width, height] = data.world;
    const half = canvas.clientWidth / 2 / least - 12;
    const tall = Math.min(height / 2, canvas.clientHeight / 2 / least - 12);
    const x = data.focus ? left + width / 2 : left + Math.min(half, width / 2);
    network.moveTo({ position: { x, y: top + (data.focus ? height / 2 : tall) }, scale: least, animation: false });
  }
  show();
  function resize() { fitHeight(); network.setSize("100%", canvas.style.height); show(); }
  window.addEventListener("resize", resize, { signal });

  function repaint() {
    nodes.update(nodes.get().filter((node) => node.font).map(painted));
    edges.update(edges.get().map(painted));
    network.redraw();
  }
  dark.addEventListener("change", repaint, { signal });
  const observer = new MutationObserver(repaint);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });

  // Details of what is selected.
  const panel = document.getElementById("kg-details");
  function element(name, text, className) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }
  function link(text, href) {
    if (!href || !(data.site ? href.startsWith("/") : /^https?:/.test(href))) return element("span", text);
    const made = element("a", text);
    made.href = href;
    return made;
  }
  function cite(sources) {
    const list = element("ul", "", "kg-sources");
    for (const source of sources.map((number) => data.cites[number])) {
      const item = element("li");
      item.append(link(source.text, source.href));
      if (source.statement) item.append(element("p", source.statement));
      if (source.detail) item.append(element("p", source.detail, "kg-detail"));
      list.append(item);
    }
    return sources.length ? list : element("p", data.texts.no_source);
  }
  // A large picture brings its names and sources only when they are asked for.
  let details = data.things ? Promise.resolve(data) : null;
  function known() {
    details = details || fetch(data.details).then((answer) => answer.json()).then((all) => Object.assign(data, all));
    return details;
  }
  let turn = 0;
  async function describe(write) {
    const mine = ++turn;
    if (!data.things) await known();
    if (mine === turn) write();
  }
  function describeThing(iri) {
    return describe(() => {
      const thing = data.things[iri];
      const address = element("p", "", "kg-iri");
      address.append(link(iri, data.site ? thing.href : iri));
      panel.replaceChildren(element("h3", thing.label), element("p", thing.type), address, element("h4", data.texts.source), cite(thing.sources));
      document.dispatchEvent(new CustomEvent("kg-select", { detail: { iri, panel } }));
    });
  }
  function describeRelation(id) {
    return describe(() => {
      const { subject, label, object, sources } = data.relations[id];
      const sentence = element("h3");
      sentence.append(link(data.things[subject].label, data.things[subject].href), ` → ${label} → `, link(data.things[object].label, data.things[object].href));
      panel.replaceChildren(sentence, element("h4", data.texts.source), cite(sources));
    });
  }
  function clear() {
    turn++;
    network.unselectAll();
    panel.replaceChildren(element("p", data.texts.hint));
    document.dispatchEvent(new CustomEvent("kg-select", { detail: { iri: "", panel } }));
  }
  function select(iri) {
    if (!iri || !nodes.get(iri)) return clear();
    network.selectNodes([iri]);
    return describeThing(iri);
  }
  window.kgSelect = select;

  const thingAt = (node) => node && (node.startsWith("text:") ? (nodes.get(node) || {}).of : node);
  network.on("click", ({ nodes: [node], edges: [edge] }) => {
    const thing = thingAt(node);
    if (thing) select(thing);
    else if (edge && !node) describeRelation(edge);
    else clear();
  });
  network.on("doubleClick", ({ nodes: [node] }) => {
    const iri = thingAt(node);
    if (iri) document.dispatchEvent(new CustomEvent("kg-open", { detail: { iri } }));
  });
  canvas.addEventListener("keydown", (event) => { if (event.key === "Escape") clear(); });
  for (const event of ["hoverNode", "hoverEdge"]) network.on(event, () => { canvas.classList.add("kg-over"); });
  for (const event of ["blurNode", "blurEdge"]) network.on(event, () => { canvas.classList.remove("kg-over"); });
  if (data.focus && data.things && data.things[data.focus]) describeThing(data.focus);

  // Rows of the table are the keyboard's way to the same relations.
  const rows = [...document.querySelectorAll("tr[data-edge]")];
  for (const row of rows) {
    row.tabIndex = 0;
    row.addEventListener("focus", () => choose(row));
    row.addEventListener("click", () => choose(row));
    row.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const next = step && rows[rows.indexOf(row) + step];
      if (next) { event.preventDefault(); next.focus(); }
    });
  }
  function choose(row) {
    for (const other of rows) other.classList.toggle("kg-chosen", other === row);
    network.unselectAll();
    if (edges.get(row.dataset.edge)) network.selectEdges([row.dataset.edge]);
    describeRelation(row.dataset.edge);
  }

  // Each entry of the legend switches its type on and off.
  for (const entry of document.querySelectorAll("ul.kg-legend li")) {
    const box = element("input");
    box.type = "checkbox";
    box.checked = true;
    const label = element("label");
    label.append(box, ...entry.childNodes);
    entry.replaceChildren(label);
    box.addEventListener("change", () => {
      const hidden = !box.checked;
      const same = nodes.get().filter((node) => node.type === entry.dataset.type);
      const names = new Set(same.map((node) => node.id));
      const texts = nodes.get().filter((node) => names.has(node.of));
      nodes.update([...same, ...texts].map(({ id }) => ({ id, hidden })));
    });
  }

  tools.addEventListener("click", (event) => {
    const kind = event.target.dataset.zoom;
    if (kind === "fit") fit();
    else if (kind === "full") (isFull() ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => {});
    else if (kind) network.moveTo({ scale: network.getScale() * (kind === "in" ? 1.25 : 0.8) });
  });

  // The whole document goes full screen and the style sheet leaves the picture and its details, so that
  // a picture that takes the place of this one stays there. A browser without full screen has no button.
  const full = tools.querySelector('[data-zoom="full"]');
  full.hidden = !document.fullscreenEnabled;
  const press = () => full.setAttribute("aria-pressed", String(isFull()));
  press();
  document.addEventListener("fullscreenchange", () => { press(); resize(); }, { signal });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && isFull()) document.exitFullscreen(); }, { signal });
};
window.kgReady = window.kgDrawNetwork();
