// Listens to the server's state and shows it: the phones on their shelf, the incidents beside them.

import { keep, make, setText } from "./dom.js";
import { createIncident, updateIncident } from "./incident.js";
import { createPhone, ringing, updatePhone } from "./phone.js";

const find = (id) => document.getElementById(id);
const seen = new Map();
let current = null;
let folded = false;

function show(state) {
  keep(find("shelf"), state.phones, (phone) => phone.number, createPhone, (element, phone) =>
    updatePhone(element, phone, state.number),
  );
  showTabs(state.phones);
  const newestFirst = [...state.incidents].sort((one, other) => Date.parse(other.opened_at) - Date.parse(one.opened_at));
  keep(find("incidents"), newestFirst, (incident) => incident.id, createIncident, updateIncident);
  const open = state.incidents.filter((incident) => incident.status !== "resolved").length;
  setText(find("count"), state.incidents.length ? `${open} open` : "");
  find("calm").hidden = state.incidents.length > 0;
  find("raise").hidden = !state.demo;
  if (state.incidents.length && !folded) {
    folded = true;
    find("raise").open = false;
  }
  setText(find("demo"), state.demo ?? "");
  announce(state.phones);
  document.title = `${state.phones.some(ringing) ? "Ringing: " : open ? `(${open}) ` : ""}Tocsin: the phones`;
}

function showTabs(phones) {
  current ??= (phones.find((phone) => phone.on_call) ?? phones[0])?.number;
  const create = (phone) => make("button", { type: "button", on: { click: () => turnTo(phone.number) } });
  keep(find("tabs"), phones, (phone) => phone.number, create, (tab, phone) => {
    setText(tab, phone.name.split(" ")[0]);
    tab.setAttribute("aria-current", phone.number === current);
    tab.classList.toggle("rings", ringing(phone));
    if (phone.number === current) tab.classList.remove("unread");
  });
}

function turnTo(number) {
  find("shelf").querySelector(`[data-number="${number}"]`).scrollIntoView({ block: "nearest", inline: "center" });
}

// A text or a ring is said once; what was there when the page opened is not news.
function announce(phones) {
  for (const phone of phones) {
    const known = seen.get(phone.number);
    const texts = phone.messages.filter((message) => !message.mine && message.status === "delivered");
    const rings = phone.calls.filter((call) => call.status === "ringing");
    if (known) {
      for (const message of texts.filter((each) => !known.has(each.sid))) {
        find("announce").textContent = `Text to ${phone.name}: ${message.body}`;
        if (phone.number !== current) tabOf(phone.number)?.classList.add("unread");
      }
      if (rings.some((call) => !known.has(call.sid))) find("alarm").textContent = `${phone.name}'s phone rings.`;
    }
    seen.set(phone.number, new Set([...texts, ...rings].map((each) => each.sid)));
  }
}

const tabOf = (number) => find("tabs").querySelector(`[data-key="${number}"]`);

function followSwipes() {
  const shelf = find("shelf");
  shelf.addEventListener("scroll", () => {
    const middle = shelf.scrollLeft + shelf.clientWidth / 2;
    const phone = [...shelf.children].find((each) => each.offsetLeft - shelf.offsetLeft + each.offsetWidth > middle);
    if (!phone) return;
    current = phone.dataset.number;
    for (const tab of find("tabs").children) {
      tab.setAttribute("aria-current", tab.dataset.key === current);
      if (tab.dataset.key === current) tab.classList.remove("unread");
    }
  });
}

function link(state, text) {
  find("link").dataset.state = state;
  setText(find("link"), text);
}

async function copy() {
  const button = find("copy");
  await navigator.clipboard.writeText(find("demo").textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

function listen() {
  const events = new EventSource("/phone/events");
  events.addEventListener("open", () => link("live", "Live"));
  events.addEventListener("error", () => link("gone", "Tocsin is not running; waiting for it"));
  events.addEventListener("message", (event) => show(JSON.parse(event.data)));
}

find("copy").addEventListener("click", copy);
followSwipes();
listen();
