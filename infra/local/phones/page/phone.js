// One handset: its thread of texts and calls, a reply to type, and a call that rings or talks.

import { icon, keep, make, setText } from "./dom.js";
import { clock, lasting, move } from "./times.js";

const HANDSET =
  "M6.6 10.8c1.4 2.8 3.8 5.1 6.6 6.6l2.2-2.2c.3-.3.7-.4 1-.2 1.1.4 2.3.6 3.6.6.6 0 1 .4 1 1V20c0 .6-.4 1-1 1C10.6 21 3 13.4 3 4c0-.6.4-1 1-1h3.5c.6 0 1 .4 1 1 0 1.3.2 2.5.6 3.6.1.3 0 .7-.2 1z";
const ARROW = "M12 4.5l7 7.2-1.6 1.6-4.3-4.4V20h-2.2V8.9l-4.3 4.4L5 11.7z";
const LIVE = new Set(["ringing", "in-progress"]);
const LOST = new Set(["undelivered", "failed"]);

export async function act(path, body) {
  const answer = await fetch(`/phone/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
}

export function createPhone(phone) {
  const input = make("input", {
    placeholder: "Text message",
    "aria-label": `Text from ${phone.name}'s phone`,
    autocomplete: "off",
    maxlength: "1600",
    enterkeyhint: "send",
  });
  const send = async (event) => {
    event.preventDefault();
    const body = input.value;
    if (!body.trim()) return;
    input.value = "";
    await act("text", { number: phone.number, body }).catch(() => (input.value = body));
  };
  const bars = make("span", { className: "signal", "aria-hidden": "true" }, ...[1, 2, 3, 4].map(() => make("i")));
  const screen = make(
    "div",
    { className: "screen" },
    make("div", { className: "bar", "aria-hidden": "true" }, make("span", { text: clock(Date.now()), "data-clock": "" }), bars),
    make(
      "div",
      { className: "contact" },
      make("img", { src: "/phone/static/bell.svg", alt: "", width: "34", height: "34" }),
      make("div", {}, make("strong", { text: "Tocsin" }), make("span", { className: "from" })),
    ),
    make("ol", { className: "thread", tabindex: "0", "aria-label": `Messages on ${phone.name}'s phone` }),
    make(
      "form",
      { className: "reply", on: { submit: send } },
      input,
      make("button", { type: "submit", "aria-label": "Send" }, icon(ARROW)),
    ),
  );
  return make(
    "article",
    { className: "phone", "data-number": phone.number, "aria-label": `${phone.name}'s phone` },
    make(
      "div",
      { className: "owner" },
      make("h3", { text: phone.name }),
      make("span", { className: "badge", text: "On call" }),
      make("p", { className: "number", text: phone.number }),
      make("p", { className: "role" }),
    ),
    make("div", { className: "body" }, screen),
  );
}

export function updatePhone(element, phone, number) {
  setText(element.querySelector("h3"), phone.name);
  setText(element.querySelector(".role"), phone.role ?? "");
  setText(element.querySelector(".from"), number);
  element.querySelector(".badge").hidden = !phone.on_call;
  updateThread(element.querySelector(".thread"), phone);
  updateCall(element, phone);
}

export function ringing(phone) {
  return phone.calls.some((call) => call.status === "ringing");
}

function updateThread(thread, phone) {
  const over = phone.calls.filter((call) => !LIVE.has(call.status) && call.status !== "queued");
  const items = [...phone.messages, ...over].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  const before = thread.childElementCount;
  if (!items.length) {
    keep(thread, [{}], () => "empty", () => make("li", { className: "empty", text: `Nothing yet on ${phone.name.split(" ")[0]}'s phone.` }), () => {});
    return;
  }
  keep(thread, items, (item) => item.sid, (item) => (item.body === undefined ? make("li") : note()), updateItem);
  if (atEnd || thread.childElementCount > before) thread.scrollTop = thread.scrollHeight;
}

function note() {
  return make("li", {}, make("p"), make("small"));
}

function updateItem(element, item) {
  const classes = item.body === undefined ? entryClasses(item) : noteClasses(item);
  for (const name of ["mine", "waiting", "lost", "missed", "note", "entry"]) {
    element.classList.toggle(name, classes.includes(name));
  }
  if (item.body === undefined) {
    setText(element, entryText(item));
    return;
  }
  setText(element.firstChild, item.body);
  setText(element.lastChild, noteText(item));
}

function noteClasses(message) {
  if (message.mine) return ["note", "mine"];
  if (LOST.has(message.status)) return ["note", "lost"];
  return message.status === "delivered" ? ["note"] : ["note", "waiting"];
}

function noteText(message) {
  if (message.mine) return `${clock(message.at)} · Sent`;
  if (LOST.has(message.status)) return `Never arrived · error ${message.error_code}`;
  const words = { queued: "Queued", sending: "On its way", sent: "On its way", delivered: "Delivered" };
  return `${clock(message.at)} · ${words[message.status] ?? message.status}`;
}

const unanswered = (call) => call.status !== "completed" || call.answered_by === "machine_start";

function entryClasses(call) {
  return unanswered(call) ? ["entry", "missed"] : ["entry"];
}

function entryText(call) {
  const time = clock(call.at);
  if (call.answered_by === "machine_start") return `${time} · Voicemail took the call`;
  if (call.status === "busy") return `${time} · Call declined`;
  if (call.status === "failed") return `${time} · Call failed`;
  if (call.status !== "completed") return `${time} · Missed call`;
  const keys = call.pressed ? ` · pressed ${[...call.pressed].join(" ")}` : "";
  return `${time} · Call, ${lasting(Date.parse(call.ended_at) - Date.parse(call.started_at))}${keys}`;
}

function updateCall(element, phone) {
  const live = phone.calls.filter((call) => LIVE.has(call.status) && call.answered_by !== "machine_start");
  const call = live.find((each) => each.status === "in-progress") ?? live[0];
  const screen = element.querySelector(".screen");
  const old = screen.querySelector(".call");
  const key = call && `${call.sid} ${call.status}`;
  element.classList.toggle("rings", call?.status === "ringing");
  let panel = old;
  if (old?.dataset.key !== key) {
    const focused = old?.contains(document.activeElement);
    old?.remove();
    panel = call && (call.status === "ringing" ? incoming(call) : talking(call));
    if (panel) {
      panel.dataset.key = key;
      screen.append(panel);
    }
    for (const child of screen.children) child.inert = Boolean(panel) && child !== panel;
    if (focused) (panel?.querySelector("button") ?? screen.querySelector("input")).focus({ preventScroll: true });
  }
  if (call?.status === "in-progress") updateTalk(panel, call);
}

function incoming(call) {
  return make(
    "div",
    { className: "call", role: "group", "aria-label": "Incoming call from Tocsin" },
    make("p", { className: "who", text: "Tocsin" }),
    make("p", { className: "state", text: "is calling" }),
    make("img", { className: "emblem", src: "/phone/static/bell.svg", alt: "" }),
    make(
      "div",
      { className: "actions" },
      round("decline", "Decline", () => act("hang-up", { call: call.sid })),
      round("answer", "Answer", () => act("pick-up", { call: call.sid })),
    ),
  );
}

function talking(call) {
  const press = (digit) => act("press", { call: call.sid, digit });
  const keys = [..."123456789*0#"].map((digit) => make("button", { type: "button", text: digit, on: { click: () => press(digit) } }));
  const typed = (event) => {
    if (/^[0-9*#]$/.test(event.key)) press(event.key);
  };
  return make(
    "div",
    { className: "call talking", role: "group", "aria-label": "Call with Tocsin", on: { keydown: typed } },
    make("p", { className: "who", text: "Tocsin" }),
    make("p", { className: "state" }),
    make("div", { className: "spoken", "aria-live": "polite", tabindex: "0", "aria-label": "What is spoken" }),
    make("div", { className: "keys", role: "group", "aria-label": "Keypad" }, ...keys),
    make("div", { className: "actions" }, round("decline", "Hang up", () => act("hang-up", { call: call.sid }))),
  );
}

function updateTalk(panel, call) {
  move(panel.querySelector(".state"), "running", call.started_at);
  const spoken = panel.querySelector(".spoken");
  const before = spoken.childElementCount;
  keep(spoken, call.spoken, (_, place) => place, () => make("p"), (line, item) => setText(line, item.text));
  if (spoken.childElementCount > before) spoken.scrollTop = spoken.scrollHeight;
}

function round(className, text, click) {
  return make("button", { className, type: "button", on: { click } }, make("span", {}, icon(HANDSET)), text);
}
