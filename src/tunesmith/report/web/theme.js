// The colours of the page, as its style sheet has them now.

const NAMES = ["paper", "panel", "ink", "soft", "line", "accent", "tint", "red",
  "shade0", "shade1", "shade2", "shade3", "shade4"];

export function theme() {
  const style = getComputedStyle(document.documentElement);
  const found = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  found.shades = [0, 1, 2, 3, 4].map((shade) => found[`shade${shade}`]);
  found.font = getComputedStyle(document.body).fontFamily.replaceAll('"', "'");
  return found;
}

// A button that goes through: as the system has it, light, dark.
export function themeSwitch(button, changed) {
  const root = document.documentElement;
  const orders = ["", "light", "dark"];
  const names = { "": "Colours: system", light: "Colours: light", dark: "Colours: dark" };
  const show = () => { button.textContent = names[root.dataset.theme || ""]; };
  button.addEventListener("click", () => {
    const next = orders[(orders.indexOf(root.dataset.theme || "") + 1) % orders.length];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    show();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  show();
}
