// Builds elements. Text is only ever set as text: an alert cannot bring markup of its own.

export function make(tag, { className, text, on, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [event, listener] of Object.entries(on ?? {})) element.addEventListener(event, listener);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

// Writes only what differs, so that a selection, a focus or a running animation survives an update.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Keeps one child per key and in the order of the items; `create` makes a child, `update` brings it up to date.
export function keep(parent, items, key, create, update) {
  const present = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const first = parent.dataset.kept === undefined;
  parent.dataset.kept = "";
  items.forEach((item, place) => {
    const name = String(key(item, place));
    let child = present.get(name);
    if (!child) {
      child = create(item);
      child.dataset.key = name;
      if (!first) child.classList.add("new");
    }
    present.delete(name);
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
    update(child, item);
  });
  for (const gone of present.values()) gone.remove();
}
