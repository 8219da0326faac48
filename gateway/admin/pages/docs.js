"use strict";
// Shows openapi.json: one section a tag, one entry an operation, with a form that calls it.
const $ = id => document.getElementById(id);

function make(name, text = "", more = {}) {
  const made = Object.assign(document.createElement(name), more);
  if (text) made.textContent = text;
  return made;
}
function typeOf(schema = {}) {
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  const bounds = [schema.minimum === undefined ? "" : `≥ ${schema.minimum}`, schema.maximum === undefined ? "" : `≤ ${schema.maximum}`];
  return [schema.type ?? "any", ...bounds, schema.pattern ?? ""].filter(Boolean).join(" ");
}
function field(parameter) {
  const label = make("label", `${parameter.name} `);
  const input = make("input", "", {name: parameter.name, required: parameter.required});
  input.placeholder = parameter.schema?.default ?? "";
  input.dataset.in = parameter.in;
  label.append(input, make("span", ` ${typeOf(parameter.schema)}`, {className: "soft"}));
  return label;
}
async function call(path, form, shown) {
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input")) {
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.set(input.name, input.value);
  }
  const token = $("token").value.trim();
  const headers = token ? {authorization: `Bearer ${token}`} : {};
  const answer = await fetch(path.slice(1) + (query.size ? `?${query}` : ""), {headers});
  const text = await answer.text();
  const json = (answer.headers.get("content-type") ?? "").startsWith("application/json");
  shown.textContent = `${answer.status}\n${json ? JSON.stringify(JSON.parse(text), null, 2) : text}`;
}
function entry(path, method, operation) {
  const made = make("details");
  const summary = make("summary");
  const guard = operation.security ? " (admin token)" : "";
  summary.append(make("code", `${method.toUpperCase()} ${path}`), make("span", guard, {className: "soft"}));
  const form = make("form"), shown = make("pre");
  form.append(...(operation.parameters ?? []).filter(one => one.in !== "header").map(field), make("button", "Send"));
  form.onsubmit = event => {
    event.preventDefault();
    call(path, form, shown).catch(error => { shown.textContent = error.message; });
  };
  const answers = Object.entries(operation.responses ?? {}).map(([code, one]) => `${code}: ${one.description}`).join("; ");
  made.append(summary, make("p", operation.description ?? operation.summary ?? ""));
  made.append(make("p", `Answers: ${answers}`, {className: "soft"}), form, shown);
  return made;
}
async function load() {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  const schema = await answer.json();

  $("about").textContent = schema.info.description;
  const sections = new Map();
  for (const [path, operations] of Object.entries(schema.paths))
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags?.[0] ?? "other";
      if (!sections.has(tag)) sections.set(tag, make("section", "", {className: "wide"}));
      const section = sections.get(tag);
      if (!section.firstChild) section.append(make("h2", tag));
      section.append(entry(path, method, operation));
    }
  $("main").append(...sections.values());
}
$("token").value = sessionStorage.getItem("token") ?? "";
load().catch(error => { $("about").textContent = error.message; });
