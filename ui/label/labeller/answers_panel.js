/* Beside the frame: the answers, the commands, what is looked for, the day's progress. */

import { button, h, icon, mark, write } from "./dom.js";
import { TRUE, UNSET } from "./label_tracks.js";

const SAID = { true: "true", false: "false", null: "unset" };

/** One attribute: its key, what `s` would store, and what is stored. */
class Row {
  constructor(attribute, desk) {
    Object.assign(this, { attribute, desk });
    this.said = h("b.said");
    this.means = h("small.means");
    this.stored = h("small.stored");
    this.toggle = button(
      ".toggle", { onclick: () => desk.toggle(attribute.name) },
      h("kbd", {}, attribute.key), h("span.name", {}, attribute.name, this.means), h("span.state", {}, this.said, this.stored),
    );
    const paint = `Paint ${attribute.name}: every frame passed gets its answer (Shift+${attribute.key.toUpperCase()})`;
    this.latch = button(".latch.icon", { title: paint, "aria-label": paint, onclick: () => desk.latch(attribute.name) }, icon("paint"));
    this.element = h("div.row", { style: `--c:${attribute.colour};--on:${readable(attribute.colour)}` }, this.toggle, this.latch);
  }

  show() {
    const { attribute, desk } = this;
    const on = desk.answers.get(attribute.name);
    const stored = desk.film.at(attribute.name, desk.position);
    const storedAnswer = stored === UNSET ? null : stored === TRUE;
    // What still waits for the database is said, not stored.
    const word = desk.outbox.length ? "said" : "stored";
    write(this.said, SAID[on]);
    write(this.means, (!on && attribute.false) || attribute.true);
    mark(this.means, "faint", !on && !attribute.false);
    write(this.stored, stored === UNSET ? this.suggested() : storedAnswer === on ? word : `${word}: ${SAID[storedAnswer]}`);
    mark(this.element, "on", on);
    mark(this.element, "committed", storedAnswer === on);
    mark(this.element, "other", storedAnswer !== null && storedAnswer !== on);
    mark(this.toggle, "aria-pressed", on);
    mark(this.latch, "aria-pressed", desk.brush.latched.has(attribute.name));
    mark(this.element, "painting", desk.brush.active.has(attribute.name) || desk.brush.strokes.has(attribute.name));
  }

  suggested() {
    const probability = this.desk.suggestions?.probability(this.attribute.name, this.desk.position) ?? null;
    if (probability === null) return "not stored";
    return `suggests ${SAID[this.desk.suggestions.at(this.attribute.name, this.desk.position) === TRUE]} (${Math.round(100 * probability)} %)`;
  }
}

/** Return the colour that can be read on `#rrggbb`: white on dark ones, nearly black on light ones. */
function readable(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? "#23292b" : "#fff";
}

export class Panel {
  /** `act(command)` runs a command of the keyboard. */
  constructor(desk, act) {
    this.desk = desk;
    this.rows = desk.attributes.map((attribute) => new Row(attribute, desk));
    this.warnings = h("div.warnings", { role: "status" });
    this.foundNote = h("small.note", { role: "status" });
    this.hint = h("p.hint", {}, "A letter flips an answer, ", h("kbd", {}, "s"), " saves it, ", h("kbd", {}, "n"), " goes on. Hold a letter and go on to paint. ", h("kbd", {}, "?"), " shows all keys.");
    this.element = h(
      "div.panel", {},
      h(`div.rows${this.rows.length > 6 ? ".many" : ""}`, {}, ...this.rows.map((row) => row.element)),
      this.commands(act), this.warnings, this.hint, this.finding(act), this.options(act), this.today(),
    );
  }

  commands(act) {
    const command = (name, label, key, kind = "") =>
      button(`.command${kind}`, { onclick: () => act(name) }, label, h("kbd", {}, key));
    this.undo = command("undo", "Undo", "z");
    this.redo = command("redo", "Redo", "y");
    return h(
      "div.commands", {}, command("save", "Save", "s", ".primary"), command("next", "Next", "n"),
      command("back", "Back", "p"), command("latchAll", "Paint all", "Shift S", ".paint"), this.undo, this.redo,
    );
  }

  finding(act) {
    const { desk } = this;
    const options = [
      ["unlabelled", "unlabelled"], ["unfinished", "not all answered"], ["disputed", "disputed"],
      ["change", "where answers change"], ["doubtful", "most doubtful"],
      ...desk.names.flatMap((name) => ["true", "false", "unset"].map((said) => [`${said} ${name}`, `${name}: ${said}`])),
    ];
    this.wish = h(
      "select", { "aria-label": "Frames to go to", onchange: () => { desk.wish = this.wish.value; write(this.foundNote, ""); desk.changed(); this.wish.blur(); } },
      ...options.map(([value, label]) => h("option", { value }, label)),
    );
    this.wish.value = desk.wish;
    const go = (name, label, key, says) => button(".icon", { title: `${says} (${key})`, "aria-label": says, onclick: () => act(name) }, label);
    return h("label.finding", {}, h("span", {}, "Find"), this.wish, go("seekBack", icon("back"), ",", "Previous of these"), go("seek", icon("next"), ".", "Next of these"), this.foundNote);
  }

  /** Say that there is nothing to find, or be silent. */
  found(some) {
    const none = this.desk.wish === "doubtful" && !this.desk.suggestions
      ? "Switch on Suggestions to know what is doubtful."
      : `No such frame in this video: ${this.wish.selectedOptions[0].textContent}.`;
    write(this.foundNote, some ? "" : none);
  }

  options(act) {
    const { desk } = this;
    const option = (label, title, take) => {
      const box = h("input", { type: "checkbox", onchange: () => { take(box.checked); box.blur(); desk.changed(); } });
      return [box, h("label.option", { title }, box, label)];
    };
    const [, moves] = option("Save moves on", "After s the next frame is shown", (on) => { desk.movesOn = on; });
    const [, alike] = option(
      "Skip look-alikes", "Frames that hardly differ are passed at once, and labelled at once", (on) => { desk.skipsAlike = on; },
    );
    const [box, suggest] = option("Suggestions", "What the latest run would say, in a paler colour; accept with Enter", (on) => act(on ? "suggest" : "unsuggest"));
    this.suggestBox = box;
    this.suggestNote = h("small.note", { role: "status" });
    return h("div.options", {}, moves, alike, suggest, this.suggestNote);
  }

  today() {
    this.goal = h("input", { type: "number", min: 0, step: 50, "aria-label": "Goal for today, in frames" });
    this.done = h("span.done");
    this.bar = h("progress", { max: 1, value: 0, "aria-label": "Share of today's goal" });
    return h("div.today", {}, h("div", {}, this.done, h("span.space"), h("label", {}, "Goal", this.goal)), this.bar);
  }

  /** Say what became of the wish for suggestions. */
  explain({ status, run, part }, insist) {
    const words = {
      ready: `Of ${run}. Pale until you accept them.${part === "train" ? " It has learned from this video." : ""}`,
      "no run": "No network is trained yet.",
      withheld: "This video tests the network: a suggestion would lean your answers.",
      blind: "Not while you label this video blind: a suggestion would lean your answers.",
      gold: "Some frames of this video check how alike the class answers: suggestions come once you have answered those.",
    };
    this.suggestNote.replaceChildren(words[status] ?? status);
    if (status === "withheld") this.suggestNote.append(" ", button(".link", { onclick: insist }, "Show them all the same"));
  }

  show() {
    const { desk } = this;
    for (const row of this.rows) row.show();
    const warnings = desk.warnings();
    if (warnings.join() !== this.warned) {
      this.warned = warnings.join();
      this.warnings.replaceChildren(...warnings.map((text) => h("p", {}, text)));
    }
    this.hint.hidden = desk.film.labelled > 0;
    this.undo.disabled = !desk.history.done.length && !desk.brush.strokes.size;
    this.redo.disabled = !desk.history.undone.length;
    mark(this.element.querySelector(".paint"), "aria-pressed", desk.brush.latched.size === desk.names.length);
  }
}
