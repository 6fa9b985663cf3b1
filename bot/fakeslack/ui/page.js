// The page: columns side by side, each one person's view of a channel.
// The address says who is shown: ?people=U1,U2&channel=C1.
import { el } from "./text.js";
import { Column, channelLabel, getJSON } from "./column.js";

const query = new URLSearchParams(location.search);
const columns = [];

function remember() {
  const at = new URLSearchParams(location.search);
  at.set("people", columns.map((c) => c.person).join(","));
  history.replaceState(null, "", "?" + at);
}

// changed forgets a column that was removed and notes who is shown.
function changed(column) {
  if (!column.node.isConnected) columns.splice(columns.indexOf(column), 1);
  remember();
}

function addColumn(person, channel, sought) {
  const column = new Column(person, channel, sought, changed);
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
  for (const id of chosen.length ? chosen : people.slice(0, 2)) addColumn(id, channel, query.get("message"));
  columns[0]?.focus();
  drawTabs(state.channels, channel);
  document.getElementById("add").addEventListener("click", () => {
    const shown = columns.map((c) => c.person);
    addColumn(people.find((id) => !shown.includes(id)) ?? people[0], columns[0]?.channel ?? channel, null);
    remember();
  });
  document.addEventListener("visibilitychange", listen);
  listen();
}

// listen hears of changes while the page is in view. A browser opens only six
// connections to one server: a tab in the background must not hold one.
let events = null;
function listen() {
  if (document.hidden) {
    events?.close();
    events = null;
  } else if (!events) {
    events = new EventSource("/ui/events");
    events.onmessage = events.onerror = () => columns.forEach((c) => c.refresh());
  }
}

start();
