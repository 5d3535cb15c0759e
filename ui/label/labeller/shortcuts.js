/* The keyboard: which key is which command, and the sheet that shows them. The letters of the attributes come from the workspace. */

import { isConnectionError } from "./connection.js";
import { button, h } from "./dom.js";

/** Commands by key, with what the help says of them. Shift is written as in `Shift+S`. */
const COMMANDS = {
  "Answers": [
    ["s", "save", "save the answers for this picture"],
    ["w", "whole", "answer for the whole video"],
    ["Backspace", "erase", "erase its answers; held: those of every picture you pass"],
    ["z", "undo", "undo"],
    ["y", "redo", "redo"],
    ["Enter", "accept", "accept the suggestion"],
    ["Shift+Enter", "acceptStretch", "accept it for all pictures until it changes"],
  ],
  "Move": [
    ["n", "next", "next picture"],
    ["p", "back", "previous picture"],
    ["ArrowRight", "next", "next picture"],
    ["ArrowLeft", "back", "previous picture"],
    ["Shift+ArrowRight", "next10", "10 pictures on"],
    ["Shift+ArrowLeft", "back10", "10 pictures back"],
    ["PageDown", "next100", "100 pictures on"],
    ["PageUp", "back100", "100 pictures back"],
    ["Home", "first", "first picture"],
    ["End", "last", "last picture"],
    [" ", "play", "play and pause"],
    ["+", "faster", "play faster"],
    ["-", "slower", "play slower"],
    [".", "seek", "find the next picture"],
    [",", "seekBack", "find the previous picture"],
  ],
  "Label many pictures": [
    ["Shift+S", "latchAll", "label while playing: every picture you pass gets all answers"],
    ["Escape", "release", "stop labelling and playing"],
  ],
  "Page": [
    ["?", "help", "show the keys"],
    ["q", "quit", "leave the page"],
  ],
};

const BY_KEY = new Map(Object.values(COMMANDS).flat().map(([key, command]) => [key, command]));
BY_KEY.set("Delete", "erase");

const CAPS = { ArrowRight: "→", ArrowLeft: "←", " ": "space", Backspace: "⌫", Enter: "↵", Escape: "esc", PageDown: "page ↓", PageUp: "page ↑" };

/** Return the name of a key as `COMMANDS` writes it. Shift counts where the key alone is something else. */
function nameOf({ key, shiftKey }) {
  if (key.length === 1 && !/[a-z]/i.test(key)) return key; // ? and + are typed with shift on some keyboards
  if (shiftKey) return `Shift+${key.length === 1 ? key.toUpperCase() : key}`;
  return key.length === 1 ? key.toLowerCase() : key;
}

/** Return whether a key press is meant for something else: a text field, a menu, a dialog, a focused button. While the
 * dialog of a lost connection closes, keys are still meant for the labeller. */
function elsewhere(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  if (target.closest("input:not([type=range], [type=checkbox]), textarea, [contenteditable=true]")) return true;
  if (target.closest("select") && !/^[a-z]$/i.test(event.key)) return true; // a menu keeps its arrows, not the letters
  if ([" ", "Enter"].includes(event.key) && target.closest("button, a, summary, [type=checkbox]")) return true;
  return Boolean(target.closest("dialog[open], [role=dialog], [role=listbox], [role=menu]")) && !isConnectionError(target);
}

export class Shortcuts {
  /** `act(command, repeated)` runs a command; `press(name)`, `release(name)` and `latch(name)` tell of the keys of attributes,
   *  `erase(on)` of the eraser. */
  constructor(attributes, { act, press, release, latch, erase }) {
    Object.assign(this, { act, press, release, latch, erase });
    this.letters = new Map(attributes.map(({ key, name }) => [key, name]));
    this.held = new Map(); // key code -> what happens when it goes up
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("keydown", (event) => this.onDown(event), { capture: true, signal });
    document.addEventListener("keyup", (event) => this.lift(event.code), { capture: true, signal });
    window.addEventListener("blur", () => this.liftAll(), { signal });
  }

  close() {
    this.liftAll();
    this.listening.abort();
  }

  liftAll() {
    for (const code of [...this.held.keys()]) this.lift(code);
  }

  onDown(event) {
    if (event.metaKey) this.liftAll(); // macOS tells of no key that goes up while Cmd is down
    if (event.isComposing || elsewhere(event)) return;
    const done = event.ctrlKey || event.metaKey ? this.edit(event) : !event.altKey && this.plain(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  edit({ key, shiftKey }) {
    if (!/^[zy]$/i.test(key)) return false;
    this.act(/y/i.test(key) || shiftKey ? "redo" : "undo");
    return true;
  }

  plain(event) {
    // With shift a digit is another character: its key is still the digit's.
    const name = this.letters.get(event.key.toLowerCase()) ?? this.letters.get(/^Digit(\d)$/.exec(event.code)?.[1]);
    const command = BY_KEY.get(nameOf(event));
    if (name && event.shiftKey) {
      if (!event.repeat) this.latch(name);
    } else if (name) {
      if (!event.repeat) this.hold(event.code, () => this.press(name), () => this.release(name));
    } else if (command === "erase") this.hold(event.code, () => this.erase(true), () => this.erase(false));
    else if (command && (!event.repeat || /^(next|back|undo|redo)/.test(command))) this.act(command, event.repeat);
    return Boolean(name || command);
  }

  hold(code, down, up) {
    if (this.held.has(code)) return;
    this.held.set(code, up);
    down();
  }

  lift(code) {
    const up = this.held.get(code);
    this.held.delete(code);
    up?.();
  }
}

export class HelpSheet {
  constructor(attributes) {
    const row = (caps, text) => h("div.key", {}, h("span", {}, ...caps.map((cap) => h("kbd", {}, CAPS[cap] ?? cap))), text);
    const letters = h("section", {}, h("h4", {}, "Attributes"), ...attributes.map(({ key, name }) => row([key], name)));
    const taken = attributes.map(({ key }) => key); // a letter of an attribute is no command
    const [answers, move, many, page] = Object.entries(COMMANDS).map(([title, rows]) =>
      h("section", {}, h("h4", {}, title), ...rows.filter(([key]) => !taken.includes(key)).map(([key, , text]) => row(key === "+" ? [key] : key.split("+"), text))));
    many.firstChild.after(
      row(["letter"], "held: label every picture you pass"), row(["Shift", "letter"], "the same without holding it; again to stop"));
    const lead = h("p", {}, "Press a letter to change an answer, which stays for the next picture; ", h("kbd", {}, "s"), " saves the answers for all attributes. To label many pictures, keep a letter pressed while you go on or play.");
    this.element = h(
      "dialog.help", { "aria-label": "Keys" }, h("h3", {}, "Keys"), lead,
      h("div.sheet", {}, h("div", {}, letters, answers), move, h("div", {}, many, page)),
      button(".command.primary", { onclick: () => this.element.close() }, "Close"),
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
