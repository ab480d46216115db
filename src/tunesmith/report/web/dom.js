// Elements, made of text alone: whatever a name holds, it is shown and never run.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, its] of Object.entries(attributes)) {
    if (key === "class") made.className = its;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), its);
    else if (its === true) made.setAttribute(key, "");
    else if (its !== false && its !== undefined && its !== null) made.setAttribute(key, its);
  }
  made.append(...children);
  return made;
}

// What cannot be seen is made visible, and no letter turns the direction of its neighbours.
export function visible(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.codePointAt(0).toString(16).padStart(4, "0")}`);
}

export function bdi(text) {
  return element("bdi", {}, visible(text));
}

export function button(text, onclick, more = {}) {
  return element("button", { type: "button", onclick, ...more }, text);
}

// A picture that Python has drawn: its name, attributes, text and children.
export function picture([name, attributes, text, children]) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, its] of Object.entries(attributes)) made.setAttribute(key, its);
  made.append(text, ...children.map(picture));
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}
