// Slack's text as DOM nodes. Nothing here ever becomes markup: every piece of a
// message ends as a text node.

const emoji = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", rotating_light: "🚨", lock: "🔒", unlock: "🔓",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", question: "❓", grey_question: "❔", no_entry: "⛔", no_entry_sign: "🚫",
  large_green_circle: "🟢", large_yellow_circle: "🟡", red_circle: "🔴", white_circle: "⚪", key: "🔑", eyes: "👀",
  information_source: "ℹ️", arrows_counterclockwise: "🔄", octagonal_sign: "🛑", wave: "👋", tada: "🎉",
};

export function el(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

const unescape = (s) => s.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const withEmoji = (s) => s.replace(/:([a-z0-9_+-]+):/g, (all, name) => emoji[name] ?? all);

// textObject renders a text object; names is what mentions are looked up in.
export function textObject(o, names) {
  if (!o) return null;
  if (o.type === "mrkdwn") return mrkdwn(o.text, names);
  return document.createTextNode(o.emoji === false ? o.text : withEmoji(o.text));
}

export function mrkdwn(text, names) {
  const out = document.createDocumentFragment();
  text.split("```").forEach((part, i) => {
    if (i % 2) out.append(el("pre", "", unescape(part.replace(/^\n/, ""))));
    else out.append(lines(part, names));
  });
  return out;
}

// lines gathers lines that begin with ">" into quotes.
function lines(text, names) {
  const out = document.createDocumentFragment();
  let quote = null;
  text.split("\n").forEach((line, i) => {
    const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
    if (quoted) {
      if (quote) quote.append("\n");
      else out.append((quote = el("blockquote")));
      quote.append(inline(quoted[1], names));
      return;
    }
    if (i > 0 && !quote) out.append("\n");
    quote = null;
    out.append(inline(line, names));
  });
  return out;
}

const marks = /<([^<>\n]+)>|`([^`\n]+)`|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])/u;

function inline(text, names) {
  const out = document.createDocumentFragment();
  for (let found; (found = marks.exec(text)); text = text.slice(found.index + found[0].length)) {
    out.append(withEmoji(unescape(text.slice(0, found.index))));
    if (found[1]) out.append(token(found[1], names));
    else if (found[2]) out.append(el("code", "", unescape(found[2])));
    else out.append(el({ "*": "b", _: "i", "~": "s" }[found[3]], "", inline(found[4], names)));
  }
  out.append(withEmoji(unescape(text)));
  return out;
}

// token renders what stands between angle brackets.
function token(body, names) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? "" : unescape(body.slice(bar + 1));
  if (target.startsWith("@")) return mention("@", target.slice(1), names, label);
  if (target.startsWith("#")) return mention("#", target.slice(1), names, label);
  if (target.startsWith("!subteam^")) return mention("@", target.slice(9), names, label);
  if (target.startsWith("!date^")) return date(target, label, names);
  if (target.startsWith("!")) return el("span", "mention me", "@" + target.slice(1).split("^")[0]);
  return link(unescape(target), label || unescape(target));
}

export function mention(sign, id, names, label) {
  const known = names.of(id);
  const node = el("span", known?.me ? "mention me" : "mention", sign + (known?.name ?? (label.replace(/^[@#]/, "") || id)));
  node.title = id;
  return node;
}

// link makes nothing clickable but web and mail addresses.
export function link(url, label) {
  if (!/^(https?:|mailto:)/i.test(url)) return document.createTextNode(label);
  const node = el("a", "", label);
  node.href = url;
  if (new URL(url).origin !== location.origin) node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}

function date(target, fallback, names) {
  const [, seconds, format] = target.split("^");
  const node = el("time", "", formatDate(Number(seconds), format ?? "", names.locale) || fallback);
  node.title = fallback;
  return node;
}

export function formatDate(seconds, format, locale) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return "";
  const show = (options) => new Intl.DateTimeFormat(locale, options).format(at);
  const short = { month: "short", day: "numeric", year: "numeric" };
  const shapes = {
    date_num: { year: "numeric", month: "2-digit", day: "2-digit" }, date: { month: "long", day: "numeric", year: "numeric" },
    date_short: short, date_long: { weekday: "long", ...short, month: "long" },
    time: { hour: "numeric", minute: "2-digit" }, time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
  };
  const today = at.toDateString() === new Date().toDateString();
  return format.replace(/\{(\w+)\}/g, (all, name) => {
    const pretty = name.endsWith("_pretty");
    const plain = name.replace(/_pretty$/, "");
    if (plain === "ago") return ago(at, locale);
    if (pretty && today) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "day");
    return shapes[plain] ? show(shapes[plain]) : all;
  });
}

function ago(at, locale) {
  const minutes = Math.round((at - Date.now()) / 60000);
  return new Intl.RelativeTimeFormat(locale).format(minutes, "minute");
}
