// One column: one person's view of one channel, and what that person does there.
import { el } from "./text.js";
import { renderMessage } from "./blocks.js";
import { confirm, openModal } from "./modal.js";

export const getJSON = async (path) => (await fetch(path)).json();

async function post(path, body) {
  try {
    const res = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", "X-Fakeslack": "page" }, body: JSON.stringify(body) });
    return await res.json();
  } catch {
    return { error: silence };
  }
}

const silence = "the stand-in workspace does not answer.";

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

export class Column {
  // sought is a message to begin at, as its permalink names it; none: null.
  constructor(person, channel, sought, changed) {
    Object.assign(this, { person, channel, sought, changed, jumped: false, shown: "", newest: "", running: false, again: false });
    Object.assign(this, { modal: null, modalKey: "", typed: new Map() });
    this.who = el("select", "");
    this.where = el("select", "");
    this.log = el("div", "log");
    this.log.setAttribute("role", "log");
    this.log.addEventListener("click", (e) => this.visit(e));
    this.status = el("p", "status");
    this.status.setAttribute("role", "status");
    this.node = el("section", "column", this.head(), this.log, this.status, this.composer());
    this.node.dataset.person = person;
  }

  head() {
    const drop = el("button", "quiet", "×");
    drop.type = "button";
    drop.ariaLabel = "Remove this column";
    drop.addEventListener("click", () => { this.node.remove(); this.changed(this); });
    this.who.addEventListener("change", () => { this.person = this.who.value; this.changed(this); this.refresh(); });
    this.where.addEventListener("change", () => { this.channel = this.where.value; this.refresh(); });
    return el("header", "", el("label", "person", "You are", this.who), el("label", "", "in", this.where), drop);
  }

  composer() {
    const input = el("input", "");
    Object.assign(input, { name: "text", type: "text", autocomplete: "off", placeholder: "Message, or /pam help", ariaLabel: "Message or command" });
    const form = el("form", "composer", input, el("button", "button", "Send"));
    let last = "";
    input.addEventListener("keydown", (e) => {
      if (e.key !== "ArrowUp" || input.value) return;
      e.preventDefault();
      input.value = last;
    });
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const text = input.value;
      if (!text.trim()) return;
      last = text;
      input.value = "";
      this.newest = null;
      this.report(await post("/ui/say", { person: this.person, channel: this.channel, text }));
    });
    return form;
  }

  focus() { this.node.querySelector(".composer input").focus(); }

  // visit follows a link to a message inside this column.
  visit(event) {
    const link = event.target.closest("a");
    const at = link && new URL(link.href).origin === location.origin && new URL(link.href).pathname.match(/^\/archives\/([^/]+)\/(p\d+)$/);
    if (!at) return;
    event.preventDefault();
    Object.assign(this, { channel: at[1], sought: at[2], jumped: false, shown: "" });
    this.refresh();
  }

  report(answer) { this.status.textContent = answer.error ? `That did not work: ${answer.error}` : ""; }

  // refresh draws what is there now; calls while one runs become one more.
  async refresh() {
    if (this.running) { this.again = true; return; }
    this.running = true;
    do {
      this.again = false;
      const at = new URLSearchParams({ person: this.person, channel: this.channel });
      try {
        this.draw(await getJSON(`/ui/state?${at}`));
        if (this.status.textContent.endsWith(silence)) this.report({});
      } catch { this.report({ error: silence }); }
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
    const { atEnd, lastSeen } = this.scrolled();
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
    const newest = nodes.at(-1).dataset.messageTs;
    const news = newest !== this.newest && (lastSeen || this.newest === null);
    this.newest = newest;
    if (this.sought && !this.jumped) this.jump();
    else if (news) this.log.scrollTop = nodes.at(-1).offsetTop - this.log.offsetTop - 8; // a long message from its first line
    else if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  // scrolled tells whether the end is in view, and whether the newest message is.
  scrolled() {
    const { scrollTop, clientHeight, scrollHeight, offsetTop, lastElementChild: last } = this.log;
    const bottom = scrollTop + clientHeight;
    return { atEnd: bottom >= scrollHeight - 40, lastSeen: !last || last.offsetTop - offsetTop < bottom };
  }

  jump() {
    this.jumped = true;
    this.log.querySelector(".sought")?.scrollIntoView({ block: "center" });
  }

  message(m, replies, state, names) {
    const author = state.people.find((p) => p.id === m.user) ?? { id: m.user, name: "Slackbot", bot: true };
    const tint = author.bot ? "bot" : "c" + (state.people.indexOf(author) % 5);
    const notes = [m.edited && "(edited)", m.only && "Only visible to you", m.broadcast && "replied to a thread"].filter(Boolean);
    const by = el("div", "by", el("strong", "", author.name), author.bot ? el("span", "tag", "APP") : null, clock(m.ts, names.locale), ...notes.map((n) => el("span", "note", n)));
    const body = renderMessage(m, names, { press: (e, index, option) => this.press(m, e, index, option, names) });
    const inside = el("div", "", by, body, this.thread(replies, state, names));
    const avatar = el("span", `avatar ${tint}`, author.name.slice(0, 1).toUpperCase());
    avatar.setAttribute("aria-hidden", "true");
    const node = el("article", m.only ? "message only" : "message", avatar, inside);
    node.dataset.messageTs = m.ts;
    node.classList.toggle("sought", "p" + m.ts.replace(".", "") === this.sought);
    return node;
  }

  // thread holds the replies; those sent to the channel too stand there in full.
  thread(replies, state, names) {
    if (!replies.length) return null;
    return el("div", "thread", ...replies.map((r) => (r.broadcast ? el("p", "note", "A reply is shown in the channel, too.") : this.message(r, [], state, names))));
  }

  async press(message, element, index, option, names) {
    if (element.confirm && !(await confirm(this.node, element.confirm, names))) return;
    if (element.url && /^https?:/i.test(element.url)) open(element.url, "_blank", "noopener");
    const deed = { person: this.person, channel: this.channel, ts: message.ts, action_id: element.action_id, index, option };
    this.report(await post("/ui/click", deed));
  }

  // drawModal shows the view on top; what was typed into one that comes back
  // or changes is kept, as Slack keeps it.
  drawModal(state) {
    const view = state.modal;
    const key = view ? this.person + view.id + view.hash : "";
    if (key === this.modalKey) return;
    if (this.modal) this.typed.set(this.modal.viewId, this.modal.read());
    this.modal?.close();
    this.modalKey = key;
    if (!view) this.typed.clear();
    const person = this.person;
    this.modal = view && openModal(this.node, view, this.typed.get(view.id) ?? {}, namesOf(state, person), {
      close: () => post("/ui/close", { person }),
      press: async (e) => this.report(await post("/ui/click", { person, view_id: view.id, action_id: e.action_id })),
      submit: (values) => post("/ui/submit", { person, view_id: view.id, values }),
      options: (actionId, text) => post("/ui/options", { person, view_id: view.id, action_id: actionId, text }),
    });
  }
}

// focusKey finds the same control again after the log was drawn anew.
function focusKey(node) {
  const at = node.closest("[data-message-ts]");
  if (!at || !node.dataset.actionId) return null;
  return `[data-message-ts="${CSS.escape(at.dataset.messageTs)}"] [data-action-id="${CSS.escape(node.dataset.actionId)}"]`;
}

function clock(ts, locale) {
  const at = new Date(Number(ts) * 1000);
  const node = el("time", "", at.toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" }));
  node.dateTime = at.toISOString();
  return node;
}

export function channelLabel(c) {
  const notes = [c.private ? "private" : "", c.shared ? "shared" : "", c.archived ? "archived" : "", c.bot ? "" : "app not in it"].filter(Boolean);
  return (c.im ? "" : "#") + c.name + (notes.length ? ` (${notes.join(", ")})` : "");
}

