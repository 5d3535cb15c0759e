/* The keyboard: which key is which command. The letters of the attributes come from the workspace. */

/** Commands by key, with what the help says of them. Shift is written as in `Shift+S`. */
export const COMMANDS = [
  ["Answers", [
    ["s", "save", "save the answers of this frame, for all attributes"],
    ["Backspace", "erase", "erase the answers of this frame; held: of every frame passed"],
    ["z", "undo", "undo"],
    ["y", "redo", "redo"],
    ["Enter", "accept", "accept the suggestion"],
    ["Shift+Enter", "acceptStretch", "accept it for the whole stretch"],
  ]],
  ["Along the seam", [
    ["n", "next", "next frame"],
    ["p", "back", "frame before"],
    ["ArrowRight", "next", "next frame"],
    ["ArrowLeft", "back", "frame before"],
    ["Shift+ArrowRight", "next10", "10 frames on"],
    ["Shift+ArrowLeft", "back10", "10 frames back"],
    ["PageDown", "next100", "100 frames on"],
    ["PageUp", "back100", "100 frames back"],
    ["Home", "first", "first frame"],
    ["End", "last", "last frame"],
    [" ", "play", "play and pause"],
    ["+", "faster", "play faster"],
    ["-", "slower", "play slower"],
    [".", "seek", "next frame that is looked for"],
    [",", "seekBack", "the one before"],
  ]],
  ["Paint", [
    ["Shift+S", "latchAll", "paint all attributes: every frame passed gets their answers"],
    ["Escape", "release", "let go of everything, stop playing"],
  ]],
  ["Page", [
    ["?", "help", "show the keys"],
    ["q", "quit", "leave the page"],
  ]],
];

const BY_KEY = new Map(COMMANDS.flatMap(([, rows]) => rows.map(([key, command]) => [key, command])));
BY_KEY.set("Delete", "erase");

/** Return the name of a key as `COMMANDS` writes it. Shift counts where the key alone is something else. */
function nameOf(event) {
  const { key } = event;
  if (key.length === 1 && !/[a-z]/i.test(key)) return key; // ? and + are typed with shift on some keyboards
  return event.shiftKey ? `Shift+${key.length === 1 ? key.toUpperCase() : key}` : key.length === 1 ? key.toLowerCase() : key;
}

/** Return whether a key press is meant for something else: a text field, a menu, a dialog, a focused button. */
function elsewhere(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  if (target.closest("input:not([type=range], [type=checkbox]), textarea, [contenteditable=true]")) return true;
  if (target.closest("select") && !/^[a-z]$/i.test(event.key)) return true; // a menu keeps its arrows, not the letters
  if ([" ", "Enter"].includes(event.key) && target.closest("button, a, summary, [type=checkbox]")) return true;
  return Boolean(target.closest("dialog, [role=dialog], [role=listbox], [role=menu]"));
}

export class Keyboard {
  /** `letters` maps a key to its attribute; `act(command)` runs a command; `down` and `up` tell of attributes and erase. */
  constructor({ letters, act, press, release, latch, erase }) {
    Object.assign(this, { letters, act, press, release, latch, erase });
    this.held = new Map(); // key code -> what it holds: an attribute, or "erase"
    this.down = (event) => this.onDown(event);
    this.up = (event) => this.letGo(event.code);
    this.away = () => [...this.held.keys()].forEach((code) => this.letGo(code));
    document.addEventListener("keydown", this.down, true);
    document.addEventListener("keyup", this.up, true);
    window.addEventListener("blur", this.away);
  }

  close() {
    this.away();
    document.removeEventListener("keydown", this.down, true);
    document.removeEventListener("keyup", this.up, true);
    window.removeEventListener("blur", this.away);
  }

  onDown(event) {
    if (event.metaKey) this.away(); // macOS tells of no key that goes up while Cmd is down
    if (event.isComposing || elsewhere(event)) return;
    const done = event.ctrlKey || event.metaKey ? this.shortcut(event) : !event.altKey && this.plain(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Ctrl or Cmd with Z and Y, as everywhere. */
  shortcut(event) {
    const key = event.key.toLowerCase();
    if (key === "z") return this.act(event.shiftKey ? "redo" : "undo") ?? true;
    return key === "y" ? (this.act("redo") ?? true) : false;
  }

  plain(event) {
    const attribute = this.letters.get(event.key.toLowerCase()) ?? this.letters.get(digit(event));
    if (attribute) {
      if (!event.repeat) this.letter(event, attribute);
      return true;
    }
    const command = BY_KEY.get(nameOf(event));
    if (!command) return false;
    if (command === "erase") this.hold(event, "erase");
    else if (!event.repeat || /^(next|back|undo|redo)/.test(command)) this.act(command, event.repeat);
    return true;
  }

  letter(event, attribute) {
    if (event.shiftKey) this.latch(attribute);
    else this.hold(event, attribute);
  }

  hold(event, what) {
    if (this.held.has(event.code)) return;
    this.held.set(event.code, what);
    if (what === "erase") this.erase(true);
    else this.press(what);
  }

  letGo(code) {
    const what = this.held.get(code);
    if (what === undefined) return;
    this.held.delete(code);
    if (what === "erase") this.erase(false);
    else this.release(what);
  }
}

/** Return the digit on a digit key, also when shift makes another character of it. */
const digit = (event) => /^Digit(\d)$/.exec(event.code)?.[1];
