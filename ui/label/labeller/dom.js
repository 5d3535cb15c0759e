/* Making elements, and little else. */

/** Make an element: `h("button.save", { onclick }, "Save")`. Properties that start with "aria" or "data", and `role`,
 *  `title` and `style`, become attributes. */
export function h(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (/^(aria|data|role|style|title|for|tabindex)/.test(key)) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/** Make a button that gives the keyboard back after a click, so that space and enter stay commands. */
export function button(name, properties, ...children) {
  const element = h(`button${name}`, { type: "button", ...properties }, ...children);
  element.addEventListener("pointerup", () => element.blur());
  return element;
}

export function iconButton(shape, title, onclick) {
  return button(".icon", { title, "aria-label": title, onclick }, icon(shape));
}

/** Make a menu of `[value, text]`; it gives the keyboard back, too. */
export function menu(name, label, options, take) {
  const onchange = ({ target }) => { take(target.value); target.blur(); };
  return h(`select${name}`, { "aria-label": label, onchange }, ...options.map(([value, text]) => h("option", { value }, text)));
}

const SHAPES = {
  first: "M3 3h2v10H3zM13 3v10L6 8z", last: "M11 3h2v10h-2zM3 3v10l7-5z",
  back10: "M8 3v10L2 8zM14 3v10L8 8z", next10: "M2 3v10l6-5zM8 3v10l6-5z",
  back: "M11 3v10L4 8z", next: "M5 3v10l7-5z", play: "M4 2.5v11l9-5.5z", pause: "M4 3h3v10H4zM9 3h3v10H9z",
  paint: "M11.3 1.6l3.1 3.1-7.2 7.2-4.3 1.2 1.2-4.3zM2 14h12v1.2H2z",
  fit: "M1.5 6V1.5H6V3H3v3zM10 1.5h4.5V6H13V3h-3zM1.5 10H3v3h3v1.5H1.5zM13 10h1.5v4.5H10V13h3z",
  plus: "M7 3h2v4h4v2H9v4H7V9H3V7h4z", minus: "M3 7h10v2H3z",
};

/** Return one of the icons, as large as the text beside it. */
export function icon(name) {
  const svg = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${SHAPES[name]}"/></svg>`;
  return document.createRange().createContextualFragment(svg).firstChild;
}

/** Write text only where it differs: writing the same again costs a layout. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Switch a class or an attribute on or off. */
export function mark(element, name, on) {
  if (name.includes("-")) element.setAttribute(name, Boolean(on));
  else element.classList.toggle(name, on);
}

/** Return a new UUID, also on a page without HTTPS, where `crypto.randomUUID` is missing. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5"); // version 4, variant 8
}

/** Return names in quotation marks, as in “good”, “error” and “length”. */
export const listed = (names) => names.map((name, place) => `${place ? (place + 1 < names.length ? ", " : " and ") : ""}“${name}”`).join("");
