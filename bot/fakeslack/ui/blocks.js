// Block Kit as DOM nodes. `on` says what happens when something is pressed:
// on.press(element, index, option), index counting equal action_ids.
import { el, textObject, mrkdwn, mention, link, formatDate } from "./text.js";

// renderMessage renders blocks, or the text of a message that has none.
export function renderMessage(message, names, on) {
  const body = el("div", "body");
  if (!message.blocks) body.append(el("div", "block", mrkdwn(message.text, names)));
  else renderBlocks(body, message.blocks, names, on);
  return body;
}

export function renderBlocks(into, blocks, names, on) {
  const seen = new Map();
  const press = (element) => {
    const index = seen.get(element.action_id) ?? 0;
    seen.set(element.action_id, index + 1);
    return (option) => on.press(element, index, option);
  };
  for (const block of blocks) {
    into.append(renderBlock(block, names, press));
  }
}

function renderBlock(block, names, press) {
  switch (block.type) {
    case "divider": return el("hr");
    case "header": return el("div", "block header", textObject(block.text, names));
    case "section": return section(block, names, press);
    case "context": return el("div", "block context", ...block.elements.map((e) => el("span", "", e.type === "image" ? e.alt_text : textObject(e, names))));
    case "actions": return el("div", "actions", ...block.elements.map((e) => interactive(e, names, press(e))));
    case "rich_text": return el("div", "block", ...block.elements.map((part) => rich(part, names)));
    case "markdown": return el("div", "block", block.text);
    case "image": return el("div", "block note", `[image: ${block.alt_text}]`);
    case "alert": return el("div", `block alert ${block.level ?? ""}`, textObject(block.text, names));
    default: return el("div", "block note", `[${block.type}: this page cannot show it]`);
  }
}

function section(block, names, press) {
  const text = el("div", "");
  if (block.text) text.append(textObject(block.text, names));
  if (block.fields) text.append(el("div", "fields", ...block.fields.map((f) => el("div", "", textObject(f, names)))));
  if (!block.accessory) {
    text.className = "block";
    return text;
  }
  const accessory = block.accessory.type === "image" ? el("span", "note", block.accessory.alt_text) : interactive(block.accessory, names, press(block.accessory));
  return el("div", "block with", text, accessory);
}

// interactive is a button, or a menu of whatever has options.
function interactive(element, names, press) {
  if (element.type === "button") {
    const node = el("button", `button ${element.style ?? ""}`, textObject(element.text, names));
    node.type = "button";
    node.dataset.actionId = element.action_id;
    if (element.accessibility_label) node.ariaLabel = element.accessibility_label;
    node.addEventListener("click", () => press());
    return node;
  }
  const node = el("select", "button", new Option(element.placeholder?.text ?? "…", ""));
  node.dataset.actionId = element.action_id;
  for (const o of optionsOf(element)) node.append(new Option(o.text.text, o.value));
  node.addEventListener("change", () => node.value && press(node.value));
  return node;
}

export function optionsOf(element) {
  return element.options ?? (element.option_groups ?? []).flatMap((g) => g.options);
}

function rich(part, names) {
  switch (part.type) {
    case "rich_text_quote": return el("blockquote", "", ...part.elements.map((e) => leaf(e, names)));
    case "rich_text_preformatted": return el("pre", "", ...part.elements.map((e) => leaf(e, names)));
    case "rich_text_list":
      return el(part.style === "ordered" ? "ol" : "ul", "", ...part.elements.map((e) => el("li", "", ...e.elements.map((l) => leaf(l, names)))));
    default: return el("div", "", ...part.elements.map((e) => leaf(e, names)));
  }
}

function leaf(e, names) {
  switch (e.type) {
    case "user": return mention("@", e.user_id, names, "");
    case "usergroup": return mention("@", e.usergroup_id, names, "");
    case "channel": return mention("#", e.channel_id, names, "");
    case "broadcast": return el("span", "mention me", "@" + e.range);
    case "emoji": return document.createTextNode(`:${e.name}:`);
    case "link": return link(e.url, e.text || e.url);
    case "date": return document.createTextNode(formatDate(e.timestamp, e.format, names.locale) || e.fallback);
    default: return styled(e);
  }
}

function styled(e) {
  let node = document.createTextNode(e.text ?? `[${e.type}: this page cannot show it]`);
  for (const [style, tag] of [["bold", "b"], ["italic", "i"], ["strike", "s"], ["code", "code"]]) {
    if (e.style?.[style]) node = el(tag, "", node);
  }
  return node;
}
