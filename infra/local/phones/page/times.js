// Says times as people do: the clock time, how long ago, and how long still.

const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exactTime = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const fullTime = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export const clock = (at) => clockTime.format(new Date(at));
export const exact = (at) => exactTime.format(new Date(at));
export const full = (at) => fullTime.format(new Date(at));

export function lasting(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}

export function ago(at, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} d ago`;
}

export function until(at, now = Date.now()) {
  const left = Date.parse(at) - now;
  return left <= 0 ? "due now" : `in ${lasting(left + 999)}`;
}

// Every element that tells a moving time names it in a data attribute and is rewritten each second.
const moving = {
  since: (at) => `${exact(at)} · ${ago(at)}`,
  ago,
  until,
  running: (at) => lasting(Date.now() - Date.parse(at)),
};

export function move(element, kind, at) {
  element.dataset[kind] = at;
  write(element, kind);
}

function write(element, kind) {
  const text = moving[kind](element.dataset[kind]);
  if (element.textContent !== text) element.textContent = text;
}

setInterval(() => {
  for (const kind of Object.keys(moving)) {
    for (const element of document.querySelectorAll(`[data-${kind}]`)) write(element, kind);
  }
  for (const element of document.querySelectorAll("[data-clock]")) {
    const text = clock(Date.now());
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);
