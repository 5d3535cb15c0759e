/* All keys, on one sheet. */

import { button, h } from "./dom.js";
import { COMMANDS } from "./shortcuts.js";

const SHOWN = { ArrowRight: "→", ArrowLeft: "←", " ": "space", Backspace: "⌫", Enter: "↵", Escape: "esc", PageDown: "page ↓", PageUp: "page ↑" };

const cap = (key) => key.split("+").filter(Boolean).map((part) => h("kbd", {}, SHOWN[part] ?? part)) ;

export class Help {
  constructor(attributes) {
    const rows = (list) => list.map(([key, , says]) => h("div.key", {}, h("span", {}, ...(key === "+" ? [h("kbd", {}, "+")] : cap(key))), says));
    const letters = attributes.map(({ key, name }) => h("div.key", {}, h("span", {}, h("kbd", {}, key)), name));
    const strokes = [["letter", "held: paint while going on"], ["Shift", "letter", "paint it until pressed again"]];
    const painting = strokes.map((row) => h("div.key", {}, h("span", {}, ...row.slice(0, -1).map((part) => h("kbd", {}, part))), row.at(-1)));
    const [answers, along, paint, page] = COMMANDS.map(([title, list]) => h("section", {}, h("h4", {}, title), ...rows(list)));
    const lead = h("p", {}, "A letter flips an answer; ", h("kbd", {}, "s"), " stores the answers of all attributes. To paint is to go on, or play, while every frame that is passed gets the answer.");
    paint.firstChild.after(...painting);
    const close = button(".command.primary", { onclick: () => this.element.close() }, "Close");
    this.element = h(
      "dialog.help", { "aria-label": "Keys" }, h("h3", {}, "Keys"), lead,
      h("div.sheet", {}, h("div", {}, h("section", {}, h("h4", {}, "Attributes"), ...letters), answers), along, h("div", {}, paint, page)), close,
    );
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "?") this.element.close();
    });
  }

  toggle() {
    if (this.element.open) this.element.close();
    else this.element.showModal();
  }
}
