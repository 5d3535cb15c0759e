/* All keys, on one sheet. */

import { button, h } from "./dom.js";
import { COMMANDS } from "./keys.js";

const SHOWN = { ArrowRight: "→", ArrowLeft: "←", " ": "space", Backspace: "⌫", Enter: "↵", Escape: "esc", PageDown: "page ↓", PageUp: "page ↑" };

const cap = (key) => key.split("+").filter(Boolean).map((part) => h("kbd", {}, SHOWN[part] ?? part.replace("Shift", "⇧"))) ;

export class Help {
  constructor(attributes) {
    const rows = (list) => list.map(([key, , says]) => h("div.key", {}, h("span", {}, ...(key === "+" ? [h("kbd", {}, "+")] : cap(key))), says));
    const letters = attributes.map(({ key, name }) => h("div.key", {}, h("span", {}, h("kbd", {}, key)), name));
    const [answers, along, paint, page] = COMMANDS.map(([title, list]) => h("section", {}, h("h4", {}, title), ...rows(list)));
    const lead = h("p", {}, "A letter flips an answer; ", h("kbd", {}, "s"), " stores the answers of all attributes. Hold a letter and go on: every frame passed gets the answer. ",
      h("kbd", {}, "⇧"), " and a letter keeps it painting.");
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
