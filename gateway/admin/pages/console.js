"use strict";
const $ = id => document.getElementById(id);
const escape = value => String(value ?? "–").replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
const zone = name => name ? `<span class="${name === "local" ? "local" : "closed"}">${escape(name)}</span>` : "–";
let token = sessionStorage.getItem("token") || "";
let me = null;
const may = right => me.rights.includes(right);

async function ask(path) {
  const answer = await fetch(path, {headers: {authorization: `Bearer ${token}`}});
  if (answer.status === 401) { signOut((await answer.json()).detail); throw new Error("401"); }
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}
function signOut(why) { token = ""; me = null; sessionStorage.removeItem("token"); $("main").hidden = true; $("sign").hidden = false;
  $("state").textContent = why; }
function table(columns, rows, id) {
  const head = columns.map(c => `<th class="${c.n ? "n" : ""}">${escape(c.name)}</th>`).join("");
  const body = rows.map(row => `<tr ${id ? `tabindex="0" data-id="${escape(id(row))}"` : ""}>` + columns.map(c =>
    `<td class="${c.n ? "n" : ""}">${c.html ? c.html(row) : escape(c.of(row))}</td>`).join("") + "</tr>").join("");
  return rows.length ? `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>` : '<p class="soft">nothing yet</p>';
}
// The page's policy allows no style attribute in HTML; a script may set one.
function draw(id, html) {
  $(id).innerHTML = html;
  for (const bar of $(id).querySelectorAll("[data-share]")) bar.style.width = `${bar.dataset.share}%`;
}
const waiting = w => w ? `${w.state === "held" ? "are held" : "were refused"}${w.since ? ` since ${escape(w.since)}` : ""}` : "were refused";
async function status() {
  const now = await ask("/admin/v1/status");
  $("state").innerHTML = `policy <code>${escape(now.policy.hash)}</code> ` + (now.policy.in_force ? "in force" :
    `<b class="bad">the newest files ${waiting(now.policy.waiting)}: ${escape(now.policy.problem)}</b>`);
  $("targets").innerHTML = table([
    {name: "target", of: r => r[0]}, {name: "state", html: r => r[1].available ? "up" : `<b class="bad">${escape(r[1].state)}</b>`},
    {name: "endpoints", n: 1, of: r => `${r[1].endpoints_up}/${r[1].endpoints}`}, {name: "in flight", n: 1, of: r => r[1].in_flight},
    {name: "load", n: 1, of: r => r[1].load.map(l => l ?? "?").join(" ")}], Object.entries(now.targets));
  if (now.teams) teams(now.teams);
}
function teams(byId) {
  draw("teams", table([
    {name: "team", of: r => r[0]}, {name: "budget $", n: 1, of: r => (+r[1].budget_usd).toFixed(2)},
    {name: "left $", n: 1, of: r => (+r[1].left_usd).toFixed(4)},
    {name: "", html: r => { const share = Math.max(0, Math.min(1, r[1].left_usd / r[1].budget_usd)) * 100;
      return `<div class="bar"><i class="l" data-share="${share}"></i></div>`; }}], Object.entries(byId)));
}
// Only what the token's role permits is requested and shown.
async function who() {
  me = await ask("/admin/v1/me");
  for (const section of document.querySelectorAll("[data-right]")) section.hidden = !may(section.dataset.right);
  $("state").textContent = `${me.name}: ${me.roles.join(", ")}${me.teams ? ` of ${me.teams.join(", ")}` : ""}`;
}
async function budgets() { teams(await ask("/admin/v1/teams")); }
async function costs() {
  const report = await ask(`/admin/v1/reports/costs?by=${$("by").value}`);
  const money = text => text == null ? "–" : (+text).toFixed(4);
  draw("costs", table([
    {name: report.by, of: r => r.name}, {name: "requests", n: 1, of: r => r.requests},
    {name: "closed $", n: 1, of: r => money(r.closed_usd)}, {name: "local $", n: 1, of: r => money(r.local_usd)},
    {name: "all-closed would be $", n: 1, of: r => money(r.reference_usd)}, {name: "savings $", n: 1, of: r => r.savings_usd == null ? "–" : r.savings_low_usd === r.savings_usd ? money(r.savings_usd)
      : `${money(r.savings_low_usd)} to ${money(r.savings_usd)}`},
    {name: "served locally", html: r => { const share = 100 * (r.local_requests_share ?? 0);
      return `<div class="bar" title="${share.toFixed(0)} %"><i class="l" data-share="${share}"></i><i class="c" data-share="${100 - share}"></i></div>`; }}],
    [...report.rows, report.total]));
}
async function decisions() {
  const team = $("team").value;
  const rows = await ask(`/admin/v1/decisions?since_s=2592000&limit=60${team ? `&team=${encodeURIComponent(team)}` : ""}`);
  for (const name of new Set(rows.map(r => r.team)))
    if (![...$("team").options].some(o => o.value === name)) $("team").add(new Option(name, name));
  $("decisions").innerHTML = table([
    {name: "time", of: r => String(r.time).slice(0, 19).replace("T", " ")}, {name: "team", of: r => r.team},
    {name: "requested", of: r => r.model}, {name: "class", of: r => r.data_class}, {name: "target", of: r => r.target},
    {name: "zone", html: r => zone(r.zone)}, {name: "reason", of: r => r.reason}, {name: "rule", of: r => r.rule},
    {name: "status", n: 1, html: r => r.status >= 400 ? `<b class="bad">${escape(r.status)}</b>` : escape(r.status)},
    {name: "cost $", n: 1, of: r => (+r.cost_usd).toFixed(6)}], rows, r => r.id);
}
async function show(event) {
  const row = event.target.closest("tr[data-id]");
  if (!row || (event.type === "keydown" && event.key !== "Enter")) return;
  $("text").textContent = JSON.stringify(await ask(`/admin/v1/decisions/${row.dataset.id}`), null, 2);
  $("detail").showModal();
}
async function refresh() {
  if (!token || document.hidden) return;
  try {
    if (!me) await who();
    $("main").hidden = false; $("sign").hidden = true;
    await Promise.all([may("status") && status(), !may("status") && may("teams") && budgets(), may("costs") && costs(),
      may("decisions") && decisions()]);
  }
  catch (error) { if (token) $("state").textContent = error.message; }
}
$("sign").onsubmit = event => { event.preventDefault(); token = $("token").value.trim(); sessionStorage.setItem("token", token); refresh(); };
$("by").onchange = costs; $("team").onchange = decisions;
$("decisions").onclick = show; $("decisions").onkeydown = show;
setInterval(refresh, 5000); refresh();
