/**
 * What runs in the reader's browser: it asks for `/status` and shows it. Texts only ever become text nodes, so nothing that a worker says
 * can become markup.
 */
export const statusScript: string = String.raw`
"use strict";
const $ = (id) => document.getElementById(id);
function el(tag, attributes, ...children) {
  const svg = tag === "svg" || tag === "rect" || tag === "title";
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== undefined && child !== ""));
  return node;
}
const count = (value) => value.toLocaleString("en");
function bytes(value) {
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  while (value >= 1000 && unit < 3) { value /= 1000; unit++; }
  return (unit === 0 ? value : value.toFixed(1)) + " " + units[unit];
}
function seconds(value) {
  if (value === undefined || value === null) return "never";
  if (value < 0.95) return "now";
  return value < 90 ? Math.round(value) + " s" : Math.round(value / 60) + " min";
}
const color = (index) => index < 0 ? "transparent" : "hsl(" + ((index * 137 + 205) % 360) + " 55% " + (index % 2 ? 58 : 48) + "%)";
function table(heads, rows) {
  const head = el("tr", {}, ...heads.map(([text, kind]) => el("th", { class: kind || "" }, text)));
  const body = rows.map((cells) => el("tr", {}, ...cells.map((cell, at) => {
    const td = el("td", { class: heads[at][1] || "" });
    td.append(cell);
    return td;
  })));
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)));
}
function section(title, wide, ...children) {
  return el("section", wide ? { class: "wide" } : {}, el("h2", {}, title), ...children);
}
function slots(layout) {
  const picture = el("svg", { class: "slots", viewBox: "0 0 1024 128", role: "img", "aria-label": "slots by shard" });
  const columns = 64, width = 16, height = 8;
  let slot = 0;
  for (const [index, length] of layout.runs)
    for (let left = length; left > 0;) {
      const column = slot % columns;
      const run = Math.min(left, columns - column);
      const rect = el("rect", { x: column * width, y: Math.floor(slot / columns) * height, width: run * width, height, fill: color(index), stroke: "rgb(0 0 0 / .12)", "stroke-width": .5 });
      rect.append(el("title", {}, "shard " + layout.members[index] + ", slots " + slot + " to " + (slot + run - 1)));
      picture.append(rect);
      slot += run;
      left -= run;
    }
  const owned = layout.members.map((_, index) => layout.runs.reduce((sum, [owner, length]) => sum + (owner === index ? length : 0), 0));
  const legend = el("ul", { class: "legend" }, ...layout.members.map((ordinal, index) =>
    el("li", {}, el("span", { class: "dot", style: "background:" + color(index) }), "shard " + ordinal + ": " + owned[index])));
  return [picture, legend];
}
function word(text, kind) { return el("span", { class: kind }, text); }
function shardRows(status) {
  return status.shards.map((shard) => {
    const bad = shard.state !== "live";
    const state = shard.index < 0 ? word(shard.leaving ? "leaving" : "no member yet", "dim")
      : word(bad ? shard.state : shard.isText ? "live (text)" : "live", bad ? "bad" : "good");
    const views = Object.entries(shard.views).map(([epoch, view]) => epoch + " " + view).join(", ");
    const notes = [shard.failure, shard.reason, shard.leaving ? "leaving" : ""].filter(Boolean).join("; ");
    const name = el("span", {}, el("span", { class: "dot", style: "background:" + color(shard.index) }), shard.ordinal);
    return [name, state, count(shard.objects), bytes(shard.deflated), seconds(shard.age), views, shard.url, notes];
  });
}
function resourceRows(status) {
  return status.resources.map((resource) => [
    resource.name,
    word(resource.complete ? "complete" : resource.reason, resource.complete ? "good" : "bad"),
    count(resource.objects),
    seconds(resource.verifiedAge),
    resource.synced + " / " + status.shards.filter((shard) => shard.index >= 0).length,
    resource.detail || resource.problem,
  ]);
}
function familyRows(status) {
  const most = Math.max(1, ...status.families.map((family) => family.text));
  return status.families.map((family) => [
    el("div", {}, family.name, el("div", { class: "bar" }, el("i", { style: "width:" + (100 * family.text / most) + "%" }))),
    count(family.samples), bytes(family.text), bytes(family.deflated),
  ]);
}
function show(status) {
  const open = status.resources.filter((resource) => !resource.complete);
  const verdict = status.faults.length > 0 ? ["no answer", "bad"]
    : open.length > 0 ? [open.length + " of " + status.resources.length + " resources not proven", "warn"]
    : ["all " + status.resources.length + " resources complete", "good"];
  $("verdict").textContent = verdict[0];
  $("verdict").className = "pill " + verdict[1];
  const live = status.shards.filter((shard) => shard.index >= 0 && shard.state === "live").length;
  $("facts").textContent = ["epoch " + status.epoch, live + " of " + status.shards.filter((shard) => shard.index >= 0).length + " shards live",
    count(status.sizes.objects) + " objects", bytes(status.sizes.text) + " of text, " + bytes(status.sizes.deflated) + " compressed",
    "last fetch " + Math.round(status.cycleSeconds * 1000) + " ms"].join(" · ");
  const parts = [];
  if (status.faults.length > 0)
    parts.push(section("Why scrapes are refused", true, el("ul", { class: "faults bad" }, ...status.faults.map((fault) => el("li", {}, fault)))));
  if (status.pending) {
    const left = status.activateAt === undefined ? undefined : Math.round((status.activateAt - status.now) / 1000);
    const done = status.shards.filter((shard) => ["ready", "serving"].includes(shard.views[status.pending.epoch])).length;
    const total = status.pending.members.length;
    parts.push(section("Handover to epoch " + status.pending.epoch, true,
      el("p", {}, done + " of " + total + " shards have their new share" + (left > 0 ? "; in force in " + left + " s" : "")),
      el("div", { class: "bar" }, el("i", { style: "width:" + (100 * done / Math.max(1, total)) + "%" })),
      el("p", { class: "dim" }, status.waitingFor.length > 0 ? "waiting for " + status.waitingFor.join(", ") : ""),
      ...slots(status.pending)));
  }
  if (status.layout) parts.push(section("Slots of epoch " + status.layout.epoch + " (" + status.layout.hash + ")", true, ...slots(status.layout)));
  parts.push(section("Shards", true, table([["shard"], ["state"], ["objects", "number"], ["compressed", "number wide-only"], ["age", "number"], ["views", "wide-only"], ["address"], ["", "text"]], shardRows(status))));
  parts.push(section("Resources", false, table([["resource", "name"], ["state"], ["objects", "number"], ["proven", "number"], ["synced", "number wide-only"], ["", "text"]], resourceRows(status))));
  parts.push(section("Largest families", false, table([["family", "name"], ["samples", "number"], ["text", "number"], ["compressed", "number wide-only"]], familyRows(status))));
  $("main").replaceChildren(...parts);
}
async function look() {
  try {
    const response = await fetch("/status", { cache: "no-store" });
    if (!response.ok) throw new Error("status " + response.status);
    show(await response.json());
  } catch (error) {
    $("verdict").textContent = "the coordinator does not answer: " + error.message;
    $("verdict").className = "pill bad";
  }
  setTimeout(look, document.hidden ? 10000 : 2000);
}
look();
`;
