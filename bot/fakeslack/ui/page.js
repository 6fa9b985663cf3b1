// The page: columns side by side, each one person's view of a channel.
// The address says who is shown: ?people=U1,U2&channel=C1.
import { el } from "./text.js";
import { renderMessage } from "./blocks.js";
import { confirm, openModal } from "./modal.js";

const query = new URLSearchParams(location.search);
const sought = query.get("message");
const columns = [];

const getJSON = async (path) => (await fetch(path)).json();

async function post(path, body) {
  try {
    const res = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", "X-Fakeslack": "page" }, body: JSON.stringify(body) });
    return await res.json();
  } catch {
    return { error: "the stand-in workspace does not answer" };
  }
}

// namesOf looks ids up for mentions, as one person sees them.
function namesOf(state, person) {
  const all = new Map();
  for (const p of state.people) all.set(p.id, { name: p.handle, me: p.id === person });
  for (const g of state.groups) all.set(g.id, { name: g.handle });
  for (const c of state.channels) all.set(c.id, { name: c.name });
  return { of: (id) => all.get(id), locale: state.people.find((p) => p.id === person)?.locale };
}

function fillSelect(select, options, value) {
  const wanted = options.map(([v, label]) => v + label).join("\n");
  if (select.dataset.filled !== wanted) {
    select.replaceChildren(...options.map(([v, label]) => new Option(label, v)));
    select.dataset.filled = wanted;
  }
  select.value = value;
}

class Column {
  constructor(person, channel) {
    Object.assign(this, { person, channel, modal: null, modalKey: "", shown: "", running: false, again: false });
    this.who = el("select", "");
    this.where = el("select", "");
    this.log = el("div", "log");
    this.log.setAttribute("role", "log");
    this.status = el("p", "status");
    this.status.setAttribute("role", "status");
    this.node = el("section", "column", this.head(), this.log, this.status, this.composer());
    this.node.dataset.person = person;
  }

  head() {
    const drop = el("button", "quiet", "×");
    drop.type = "button";
    drop.ariaLabel = "Remove this column";
    drop.addEventListener("click", () => this.drop());
    this.who.addEventListener("change", () => { this.person = this.who.value; remember(); this.refresh(); });
    this.where.addEventListener("change", () => { this.channel = this.where.value; this.refresh(); });
    return el("header", "", el("label", "person", "You are", this.who), el("label", "", "in", this.where), drop);
  }

  composer() {
    const input = el("input", "");
    Object.assign(input, { name: "text", type: "text", autocomplete: "off", placeholder: "Message, or /pam help", ariaLabel: "Message or command" });
    const send = el("button", "button", "Send");
    const form = el("form", "composer", input, send);
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const text = input.value;
      if (!text.trim()) return;
      input.value = "";
      this.report(await post("/ui/say", { person: this.person, channel: this.channel, text }));
    });
    return form;
  }

  drop() {
    columns.splice(columns.indexOf(this), 1);
    this.node.remove();
    remember();
  }

  report(answer) { this.status.textContent = answer.error ? `That did not work: ${answer.error}` : ""; }

  // refresh draws what is there now; calls while one runs become one more.
  async refresh() {
    if (this.running) { this.again = true; return; }
    this.running = true;
    do {
      this.again = false;
      const at = new URLSearchParams({ person: this.person, channel: this.channel });
      try { this.draw(await getJSON(`/ui/state?${at}`)); } catch { this.status.textContent = "The stand-in workspace does not answer."; }
    } while (this.again);
    this.running = false;
  }

  draw(state) {
    this.node.dataset.person = this.person;
    this.node.dataset.channel = this.channel;
    const people = state.people.filter((p) => !p.bot);
    fillSelect(this.who, people.map((p) => [p.id, p.title ? `${p.name} (${p.title})` : p.name]), this.person);
    fillSelect(this.where, state.channels.map((c) => [c.id, channelLabel(c)]), this.channel);
    this.node.setAttribute("aria-label", `What ${people.find((p) => p.id === this.person)?.name} sees`);
    const key = JSON.stringify([this.person, this.channel, state.messages, state.people, state.groups, state.channels]);
    if (key !== this.shown) this.drawLog(state);
    this.shown = key;
    this.drawModal(state);
  }

  drawLog(state) {
    const focused = this.log.contains(document.activeElement) ? focusKey(document.activeElement) : null;
    const atEnd = this.log.scrollTop + this.log.clientHeight >= this.log.scrollHeight - 40;
    const names = namesOf(state, this.person);
    const tops = new Set(state.messages.filter((m) => !m.thread_ts).map((m) => m.ts));
    const nodes = state.messages.filter((m) => !m.thread_ts || m.broadcast || !tops.has(m.thread_ts)).map((m) => {
      const replies = tops.has(m.ts) ? state.messages.filter((r) => r.thread_ts === m.ts) : [];
      return this.message(m, replies, state, names);
    });
    const visible = state.channels.some((c) => c.id === this.channel);
    if (!nodes.length) nodes.push(el("p", "empty", visible ? "Nothing here yet. Type /pam help below." : "This person does not see this channel."));
    this.log.replaceChildren(...nodes);
    if (focused) this.log.querySelector(focused)?.focus();
    if (sought && !this.jumped) this.jump();
    else if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  jump() {
    this.jumped = true;
    const found = [...this.log.querySelectorAll("[data-message-ts]")].find((n) => "p" + n.dataset.messageTs.replace(".", "") === sought);
    found?.classList.add("sought");
    found?.scrollIntoView({ block: "center" });
  }

  message(m, replies, state, names) {
    const author = state.people.find((p) => p.id === m.user) ?? { id: m.user, name: "Slackbot", bot: true };
    const tint = author.bot ? "bot" : "c" + (state.people.indexOf(author) % 5);
    const by = el("div", "by", el("strong", "", author.name), author.bot ? el("span", "tag", "APP") : null, clock(m.ts), m.edited ? el("span", "note", "(edited)") : null, m.only ? el("span", "note", "Only visible to you") : null, m.thread_ts && m.broadcast ? el("span", "note", "replied to a thread") : null);
    const body = renderMessage(m, names, { press: (e, index, option) => this.press(m, e, index, option, names) });
    const inside = el("div", "", by, body);
    if (replies.length) inside.append(el("div", "thread", ...replies.map((r) => this.message(r, [], state, names))));
    const avatar = el("span", `avatar ${tint}`, author.name.slice(0, 1).toUpperCase());
    avatar.setAttribute("aria-hidden", "true");
    const node = el("article", m.only ? "message only" : "message", avatar, inside);
    node.dataset.messageTs = m.ts;
    return node;
  }

  async press(message, element, index, option, names) {
    if (element.confirm && !(await confirm(this.node, element.confirm, names))) return;
    if (element.url && /^https?:/i.test(element.url)) open(element.url, "_blank", "noopener");
    const deed = { person: this.person, channel: this.channel, ts: message.ts, action_id: element.action_id, index, option };
    this.report(await post("/ui/click", deed));
  }

  drawModal(state) {
    const view = state.modal;
    const key = view ? this.person + view.id + view.hash : "";
    if (key === this.modalKey) return;
    this.modal?.close();
    this.modalKey = key;
    const person = this.person;
    this.modal = view && openModal(this.node, view, namesOf(state, person), {
      close: () => post("/ui/close", { person }),
      press: async (e) => this.report(await post("/ui/click", { person, view_id: view.id, action_id: e.action_id })),
      submit: async (values) => {
        const answer = await post("/ui/submit", { person, view_id: view.id, values });
        this.report(answer);
        return answer.errors;
      },
    });
  }
}

// focusKey finds the same control again after the log was drawn anew.
function focusKey(node) {
  const at = node.closest("[data-message-ts]");
  if (!at || !node.dataset.actionId) return null;
  return `[data-message-ts="${CSS.escape(at.dataset.messageTs)}"] [data-action-id="${CSS.escape(node.dataset.actionId)}"]`;
}

function clock(ts) {
  const at = new Date(Number(ts) * 1000);
  const node = el("time", "", at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  node.dateTime = at.toISOString();
  return node;
}

function channelLabel(c) {
  const notes = [c.private ? "private" : "", c.shared ? "shared" : "", c.archived ? "archived" : "", c.bot ? "" : "app not in it"].filter(Boolean);
  return (c.im ? "" : "#") + c.name + (notes.length ? ` (${notes.join(", ")})` : "");
}

function remember() {
  const at = new URLSearchParams(location.search);
  at.set("people", columns.map((c) => c.person).join(","));
  history.replaceState(null, "", "?" + at);
}

function addColumn(person, channel) {
  const column = new Column(person, channel);
  columns.push(column);
  document.getElementById("columns").append(column.node);
  column.refresh();
}

function drawTabs(channels, chosen) {
  const tabs = channels.filter((c) => !c.im).map((c) => {
    const tab = el("button", "", channelLabel(c));
    tab.type = "button";
    tab.dataset.channel = c.id;
    tab.setAttribute("aria-pressed", String(c.id === chosen));
    tab.addEventListener("click", () => {
      for (const column of columns) { column.channel = c.id; column.refresh(); }
      drawTabs(channels, c.id);
    });
    return tab;
  });
  document.getElementById("channels").replaceChildren(...tabs);
}

async function start() {
  const state = await getJSON("/ui/state");
  document.getElementById("team").textContent = state.team;
  const people = state.people.filter((p) => !p.bot).map((p) => p.id);
  const channel = query.get("channel") ?? state.channels.find((c) => !c.im)?.id ?? "";
  const chosen = (query.get("people") ?? "").split(",").filter((id) => people.includes(id));
  for (const id of chosen.length ? chosen : people.slice(0, 2)) addColumn(id, channel);
  drawTabs(state.channels, channel);
  document.getElementById("add").addEventListener("click", () => {
    const shown = columns.map((c) => c.person);
    addColumn(people.find((id) => !shown.includes(id)) ?? people[0], columns[0]?.channel ?? channel);
    remember();
  });
  const events = new EventSource("/ui/events");
  events.onmessage = () => columns.forEach((c) => c.refresh());
}

start();
