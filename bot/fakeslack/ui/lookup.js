// A field of a modal whose options the bot knows: it is asked while somebody
// types, and what was picked stands above the line that is typed in.
import { el } from "./text.js";

const patience = 150; // ms without a key before the bot is asked
const texts = new Map(); // of every option ever offered, by value

// lookup asks with ask(text), which resolves to {options} or {error}.
export function lookup(element, id, ask) {
  const picked = new Set();
  const most = element.type === "external_select" ? 1 : (element.max_selected_items ?? 100);
  const chips = el("div", "chips");
  const input = el("input", "");
  Object.assign(input, { id, type: "text", name: element.action_id, autocomplete: "off", placeholder: element.placeholder?.text ?? "" });
  input.dataset.actionId = element.action_id;
  const list = el("div", "options");
  const said = el("div", "hint");
  said.setAttribute("role", "status");

  const draw = () => {
    chips.replaceChildren(...[...picked].map((value) => {
      const drop = el("button", "chip", texts.get(value) ?? value, " ×");
      drop.type = "button";
      drop.dataset.picked = value;
      drop.ariaLabel = `Take out ${texts.get(value) ?? value}`;
      drop.addEventListener("click", () => { picked.delete(value); draw(); input.focus(); });
      return drop;
    }));
  };
  const clear = () => { list.replaceChildren(); said.textContent = ""; };
  const pick = (value) => {
    if (most === 1) picked.clear();
    if (picked.size < most) picked.add(value);
    input.value = "";
    clear();
    draw();
    input.focus();
  };
  const offer = (options) => {
    const nodes = [];
    options.forEach((o, i) => {
      if (o.group && o.group !== options[i - 1]?.group) nodes.push(el("div", "hint", o.group));
      texts.set(o.value, o.text);
      const node = el("button", "option", o.text, o.description ? el("span", "hint", ` ${o.description}`) : null);
      node.type = "button";
      node.dataset.value = o.value;
      node.addEventListener("click", () => pick(o.value));
      nodes.push(node);
    });
    list.replaceChildren(...nodes);
  };

  let turn = 0;
  input.addEventListener("input", () => {
    const mine = ++turn;
    clear();
    if ([...input.value].length < (element.min_query_length ?? 3)) return;
    setTimeout(async () => {
      if (mine !== turn) return;
      const answer = await ask(input.value);
      if (mine !== turn) return;
      offer(answer.options ?? []);
      said.textContent = answer.error ? `That did not work: ${answer.error}` : (answer.options ?? []).length ? "" : "Nothing found.";
    }, patience);
  });
  input.addEventListener("keydown", (e) => {
    if (e.key === "Enter") {
      e.preventDefault(); // the search sends no form
      list.querySelector(".option")?.click();
    }
    if (e.key === "Escape" && list.childElementCount) {
      e.stopPropagation();
      clear();
    }
  });
  const node = el("div", "lookup", chips, input, list, said);
  return {
    node,
    read: () => [...picked].join(","),
    write: (value) => { picked.clear(); for (const v of value.split(",").filter(Boolean)) picked.add(v); draw(); },
  };
}
