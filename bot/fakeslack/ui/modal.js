// What lies over one column: a confirm, or a modal with its form.
import { el, textObject } from "./text.js";
import { renderBlocks, optionsOf } from "./blocks.js";
import { lookup } from "./lookup.js";

let serial = 0;

// sheet lays a dialog over a column and keeps the keyboard inside it.
function sheet(column, title, inside, footer, cancel) {
  const before = document.activeElement;
  const heading = el("h2", "", title);
  heading.id = `sheet-${++serial}`;
  const form = el("form", "sheet", heading, el("div", "inside", ...inside), footer);
  form.setAttribute("role", "dialog");
  form.setAttribute("aria-modal", "true");
  form.setAttribute("aria-labelledby", heading.id);
  form.noValidate = true;
  const veil = el("div", "veil", form);
  veil.addEventListener("keydown", (e) => {
    if (e.key === "Escape") cancel();
    if (e.key === "Tab") keepInside(form, e);
  });
  column.append(veil);
  form.querySelector("input, textarea, select, footer button")?.focus();
  return { form, close: () => { veil.remove(); if (before?.isConnected) before.focus(); } };
}

function keepInside(form, e) {
  const stops = [...form.querySelectorAll("a, button, input, select, textarea")].filter((n) => !n.disabled);
  const [first, last] = [stops[0], stops.at(-1)];
  if (e.shiftKey && document.activeElement === first) { e.preventDefault(); last.focus(); }
  if (!e.shiftKey && document.activeElement === last) { e.preventDefault(); first.focus(); }
}

function button(text, className, type) {
  const node = el("button", `button ${className}`, text);
  node.type = type;
  return node;
}

// confirm asks what a button's confirm says and resolves to the answer.
export function confirm(column, question, names) {
  return new Promise((resolve) => {
    const deny = button(question.deny.text, "", "button");
    const yes = button(question.confirm.text, question.style === "danger" ? "danger" : "primary", "submit");
    deny.dataset.confirm = "deny";
    yes.dataset.confirm = "confirm";
    const answer = (value) => { shown.close(); resolve(value); };
    const text = el("div", "block", textObject(question.text, names));
    const shown = sheet(column, question.title.text, [text], el("footer", "", deny, yes), () => answer(false));
    shown.form.dataset.dialog = "confirm";
    deny.addEventListener("click", () => answer(false));
    shown.form.addEventListener("submit", (e) => { e.preventDefault(); answer(true); });
  });
}

// openModal shows a view with what was typed into it before, by block_id;
// act.submit(values) resolves to {error, errors: faults by block_id},
// act.options(action_id, text) to {error, options}.
export function openModal(column, view, typed, names, act) {
  const fields = new Map();
  const read = () => Object.fromEntries([...fields].map(([id, f]) => [id, f.read()]));
  const ask = (actionId) => (text) => act.options(actionId, text);
  const inside = el("div", "");
  for (const block of view.blocks) {
    if (block.type !== "input") renderBlocks(inside, [block], names, { press: act.press });
    else inside.append(field(block, fields, typed[block.block_id], ask));
  }
  const trouble = el("p", "fault");
  trouble.setAttribute("role", "alert");
  const close = button(view.close?.text ?? "Cancel", "", "button");
  const footer = el("footer", "", close);
  if (view.submit) footer.append(button(view.submit.text, "primary", "submit"));
  const shown = sheet(column, view.title.text, [inside, trouble], footer, act.close);
  shown.form.dataset.viewId = view.id;
  shown.form.dataset.callbackId = view.callback_id;
  close.addEventListener("click", act.close);
  shown.form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const send = footer.querySelector('[type="submit"]');
    send.disabled = true;
    const answer = await act.submit(read());
    send.disabled = false;
    trouble.textContent = answer.error ? `That did not work: ${answer.error}` : "";
    showFaults(fields, answer.errors ?? {});
  });
  return { viewId: view.id, read, close: shown.close };
}

function showFaults(fields, faults) {
  let first = null;
  for (const [id, f] of fields) {
    f.fault.textContent = faults[id] ?? "";
    f.fault.hidden = !faults[id];
    if (faults[id]) first ??= f;
  }
  first?.focus();
}

// field is one input block: its label, control, hint and place for a fault.
function field(block, fields, typed, ask) {
  const element = block.element;
  const id = `field-${++serial}`;
  const fault = el("p", "fault");
  fault.id = `${id}-fault`;
  fault.hidden = true;
  fault.setAttribute("role", "alert");
  const group = element.type === "radio_buttons" || element.type === "checkboxes";
  const searched = element.type === "external_select" || element.type === "multi_external_select";
  const control = group ? choices(element, id) : searched ? lookup(element, id, ask(element.action_id)) : single(element, id);
  if (typed !== undefined) control.write(typed);
  control.node.setAttribute("aria-describedby", fault.id);
  const label = el(group ? "legend" : "label", "", block.label.text, block.optional ? el("span", "optional", " (optional)") : null);
  if (!group) label.htmlFor = id;
  const box = el(group ? "fieldset" : "div", "field", label, control.node, fault, block.hint ? el("div", "hint", block.hint.text) : null);
  box.dataset.blockId = block.block_id;
  fields.set(block.block_id, { read: control.read, fault, focus: () => box.querySelector("input, select, textarea").focus() });
  return box;
}

function single(element, id) {
  const node = control(element);
  node.id = id;
  node.name = element.action_id;
  node.dataset.actionId = element.action_id;
  return { node, read: () => node.value, write: (value) => { node.value = value; } };
}

function control(element) {
  if (element.type === "static_select") {
    const node = el("select", "", new Option(element.placeholder?.text ?? "Choose…", ""));
    for (const o of optionsOf(element)) node.append(new Option(o.text.text, o.value));
    node.value = element.initial_option?.value ?? "";
    return node;
  }
  const node = el(element.multiline ? "textarea" : "input", "");
  if (!element.multiline) node.type = element.type === "datepicker" ? "date" : "text";
  node.value = element.initial_value ?? element.initial_date ?? "";
  node.placeholder = element.placeholder?.text ?? "";
  return node;
}

function choices(element, id) {
  const node = el("div", "");
  for (const o of element.options) {
    const input = el("input", "");
    input.type = element.type === "checkboxes" ? "checkbox" : "radio";
    input.name = id;
    input.value = o.value;
    input.checked = o.value === element.initial_option?.value;
    input.dataset.actionId = element.action_id;
    node.append(el("label", "choice", input, el("span", "", o.text.text)));
  }
  const inputs = [...node.querySelectorAll("input")];
  return {
    node,
    read: () => inputs.find((i) => i.checked)?.value ?? "",
    write: (value) => { for (const i of inputs) i.checked = i.value === value; },
  };
}
