// One incident: its state, what is due next, and its timeline, the newest line last.

import { keep, make, setText } from "./dom.js";
import { full, move } from "./times.js";

const FOLDED = 30;
const COLOURS = [
  [/resolve/, "green"],
  [/ack/, "amber"],
  [/trigger|alarm|fail|undeliver|unknown/, "red"],
  [/escalat|timer|level/, "violet"],
  [/paging|text|call/, "blue"],
];

export function createIncident(incident) {
  const element = make(
    "article",
    { className: "incident", "data-id": incident.id },
    make(
      "header",
      {},
      make(
        "div",
        { className: "facts" },
        make("span", { className: "state-label" }),
        make("span", { className: "level" }),
        make("span", { className: "number" }),
      ),
      make("h3"),
      make("p", { className: "service" }),
    ),
    make("ul", { className: "due" }),
    make("ol", { className: "timeline", "aria-label": "Timeline" }),
  );
  const earlier = make("button", { className: "earlier", type: "button" });
  earlier.addEventListener("click", () => {
    element.dataset.unfolded = "";
    earlier.hidden = true;
    element.refresh?.();
  });
  element.querySelector(".timeline").before(earlier);
  return element;
}

export function updateIncident(element, incident) {
  const { status } = incident;
  for (const name of ["triggered", "acknowledged", "resolved"]) element.classList.toggle(name, name === status);
  setText(element.querySelector(".state-label"), status.charAt(0).toUpperCase() + status.slice(1));
  setText(element.querySelector(".level"), status === "resolved" ? "" : incident.stage);
  setText(element.querySelector(".number"), incident.number ?? incident.id);
  setText(element.querySelector("h3"), incident.title);
  const service = element.querySelector(".service");
  if (!service.firstChild) service.append(make("span"), " · opened ", make("time"));
  setText(service.firstChild, incident.service);
  move(service.lastChild, "ago", incident.opened_at);
  service.lastChild.title = full(incident.opened_at);
  updateDue(element.querySelector(".due"), incident.due ?? []);
  updateTimeline(element, incident.timeline ?? []);
}

function updateDue(list, due) {
  list.hidden = !due.length;
  const create = () => make("li", {}, make("span", { className: "what" }), make("b"));
  keep(list, due, (_, place) => place, create, (line, item) => {
    setText(line.firstChild, item.what);
    move(line.lastChild, "until", item.at);
  });
}

function updateTimeline(element, timeline) {
  const hidden = element.dataset.unfolded === undefined ? Math.max(0, timeline.length - FOLDED) : 0;
  const earlier = element.querySelector(".earlier");
  earlier.hidden = !hidden;
  setText(earlier, `Show ${hidden} earlier lines`);
  element.refresh = () => updateTimeline(element, timeline);
  const lines = timeline.map((item, place) => ({ ...item, place })).slice(hidden);
  keep(element.querySelector(".timeline"), lines, (line) => line.place, createLine, updateLine);
}

function createLine() {
  return make(
    "li",
    {},
    make("div", { className: "line" }, make("span", { className: "text" }), make("time")),
    make("p", { className: "reason" }),
  );
}

function updateLine(element, line) {
  const colour = COLOURS.find(([pattern]) => pattern.test(line.kind))?.[1];
  if (colour) element.classList.add(colour);
  setText(element.querySelector(".text"), line.text);
  const reason = element.querySelector(".reason");
  setText(reason, [line.reason, line.who].filter(Boolean).join(" · "));
  reason.hidden = !reason.textContent;
  const time = element.querySelector("time");
  time.dateTime = line.at;
  time.title = full(line.at);
  move(time, "since", line.at);
}
