/* Beside the frame: the answers, the commands, which frames to find, and options. */

import { button, h, iconButton, icon, listed, mark, menu, write } from "./dom.js";
import { TRUE, UNSET } from "./label_tracks.js";
import { OPEN } from "./video_answers.js";

const RESTED = 150; // milliseconds at a frame until it is looked at
const WORDS = { true: "yes", false: "no", unset: "no answer" };
const WANTED = [
  ["unlabelled", "unlabelled"], ["unfinished", "not all answered"], ["disputed", "others disagree"],
  ["change", "where answers change"], ["doubtful", "network unsure"],
];
const SUGGESTIONS = {
  asking: "The network is looking at the pictures …",
  "no run": "Nothing to suggest yet. Label 5 pictures with yes and 5 with no.",
  withheld: "This video tests the network, so suggestions would influence the test.",
  blind: "No suggestions while you label this video blind: they would influence your answers.",
  gold: "Some pictures of this video check how well the class agrees. Suggestions appear once you have answered those.",
};

/** One attribute: its key, what `s` would save, and what is saved. */
class Row {
  constructor({ name, key, colour, true: yes, false: no }, toggle, latch) {
    Object.assign(this, { name, yes, no });
    this.answer = h("b.answer", {}, "–"); // as it will most often be: nothing moves when the labels come
    this.means = h("small.means.faint", {}, yes);
    this.saved = h("small.saved", {}, "not set");
    this.toggle = button(
      ".toggle", { onclick: () => toggle(name) },
      h("kbd", {}, key), h("span.name", {}, name, this.means), h("span.state", {}, this.answer, this.saved),
    );
    const title = `Label “${name}” while playing: every picture you pass gets its answer (Shift+${key.toUpperCase()})`;
    this.latch = button(".latch.icon", { title, "aria-label": title, onclick: () => latch(name) }, icon("paint"));
    this.element = h("div.row", { style: `--c:${colour};--on:${readable(colour)}` }, this.toggle, this.latch);
  }

  show({ tracks, position, answers, suggestions, latched, painting, sync, whole, carried }) {
    const { name } = this;
    const isSet = whole.isSet(name);
    const on = isSet && answers.get(name);
    const value = tracks.at(name, position);
    const open = value === UNSET;
    const same = isSet && !open && (value === TRUE) === on;
    const saved = !sync.waiting ? "saved" : sync.problem ? "not saved" : "saving"; // as long as any label waits
    write(this.answer, isSet ? WORDS[on] : "–");
    write(this.means, (isSet && !on && this.no) || this.yes);
    mark(this.means, "faint", !on && !(isSet && this.no));
    const nothing = carried.has(name) ? "as before, not saved" : isSet ? "not saved" : whole.get(name) === OPEN ? "left open" : "not set";
    write(this.saved, open ? suggested(suggestions, name, position) ?? nothing : same ? saved : `${saved}: ${WORDS[value === TRUE]}`);
    const marks = { on, committed: same, waiting: sync.waiting > 0, other: !open && !same, painting: painting.has(name) };
    for (const [word, holds] of Object.entries(marks)) mark(this.element, word, holds);
    mark(this.toggle, "aria-pressed", on);
    mark(this.latch, "aria-pressed", latched.has(name));
  }
}

function suggested(suggestions, name, position) {
  const suggestion = suggestions?.at(name, position) ?? UNSET;
  return suggestion === UNSET ? null : `suggests ${WORDS[suggestion === TRUE]} (${suggestions.reason(name, position)})`;
}

/** Return the colour that can be read on `#rrggbb`: white on dark ones, nearly black on light ones. */
function readable(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? "#23292b" : "#fff";
}

/** A small picture of where the instant network looks, once the annotator rests at a frame. */
class Sight {
  /** `address(video, index, version)` is where the picture is, `set(option, value)` switches it on and off. */
  constructor(address, set) {
    this.address = address;
    this.box = h("input", { type: "checkbox", onchange: () => { set("sees", this.box.checked); this.box.blur(); } });
    const title = "Where the instant network looks, drawn over this picture. Nothing is drawn where it finds no defect.";
    this.option = h("label.option", { title, hidden: true }, this.box, "Where it looks");
    this.picture = h("img.sight", { alt: "Where the network looks in this picture", hidden: true });
    this.picture.addEventListener("load", () => { this.picture.hidden = !this.shown; });
    this.picture.addEventListener("error", () => { this.picture.hidden = true; });
  }

  show({ tracks, position, suggestNote, sees }) {
    this.option.hidden = !suggestNote?.origin;
    const isOn = sees && !this.option.hidden;
    const address = isOn ? this.address(tracks.video.id, tracks.indexes[position], suggestNote.version) : null;
    if (address === this.shown) return;
    this.shown = address;
    clearTimeout(this.resting);
    if (isOn) this.resting = setTimeout(() => { this.picture.src = address; }, RESTED);
    else this.picture.hidden = true;
  }
}

export class AnswersPanel {
  /** `act(command)` runs a command of the keyboard, `toggle(name)` and `latch(name)` an attribute, `open(id)` a video, `choose(source)` what suggests,
   *  `set(option, value)` an option; `seen(video, index, version)` is where the picture is of what the network sees. `options` has the values to
   *  begin with, and `below` is an element for the lower end. */
  constructor(attributes, { act, toggle, latch, open, choose, set, seen }, options, below) {
    Object.assign(this, { act, open, choose });
    this.sight = new Sight(seen, set);
    this.rows = attributes.map((attribute) => new Row(attribute, toggle, latch));
    this.warnings = h("div.warnings", { role: "status" });
    this.notFound = h("small.note", { role: "status" });
    this.told = h("small.told", { role: "status" });
    this.done = h("div.finished", { role: "status", hidden: true });
    const keys = attributes.map(({ key }, i) => [i ? (i + 1 < attributes.length ? ", " : " or ") : "", h("kbd", {}, key)]);
    this.hint = h(
      "p.hint", {}, "Press ", ...keys.flat(), " to change an answer; it stays for the next picture · ", h("kbd", {}, "s"), " saves · ", h("kbd", {}, "n"),
      " = next. Keep a letter pressed to label many pictures. ", h("kbd", {}, "?"), " shows all keys.",
    );
    const rows = h(`div.rows${this.rows.length > 6 ? ".many" : ""}`, {}, ...this.rows.map((row) => row.element));
    this.element = h(
      "div.panel", {}, rows, this.commands(), this.told, this.done, this.warnings, this.hint,
      this.finding(attributes, options, set), this.options(options, set), below,
    );
  }

  commands() {
    const command = (name, label, key, kind = "") =>
      button(`.command${kind}`, { onclick: () => this.act(name) }, label, h("kbd", {}, key));
    this.undo = command("undo", "Undo", "z");
    this.redo = command("redo", "Redo", "y");
    this.latchAll = command("latchAll", "While playing", "Shift S", ".half");
    this.latchAll.title = "Label while playing: every picture that you pass gets all answers (Shift+S)";
    this.saves = h("span");
    this.save = button(".command.primary.wide", { onclick: () => this.act("save") }, this.saves, h("kbd", {}, "s"));
    const whole = command("whole", "Whole video", "w", ".half");
    whole.title = "Say what is true in all pictures of this video, or leave an attribute open";
    return h(
      "div.commands", {}, this.save, command("back", "Back", "p"), command("next", "Next", "n"), this.undo, this.redo, this.latchAll, whole,
    );
  }

  finding(attributes, { wanted }, set) {
    const answers = attributes.flatMap(({ name }) => Object.entries(WORDS).map(([value, word]) => [`${value} ${name}`, `${name}: ${word}`]));
    this.wanted = menu("", "Pictures to find", [...WANTED, ...answers], (value) => { write(this.notFound, ""); set("wanted", value); });
    this.wanted.value = wanted;
    const previous = iconButton("back", "Find previous (,)", () => this.act("seekBack"));
    const next = iconButton("next", "Find next (.)", () => this.act("seek"));
    return h("label.finding", {}, h("span", {}, "Find"), this.wanted, previous, next, this.notFound);
  }

  options(options, set) {
    const option = (name, label, title) => {
      const box = h("input", { type: "checkbox", checked: options[name], onchange: () => { set(name, box.checked); box.blur(); } });
      return [h("label.option", { title }, box, label), box];
    };
    this.suggestNote = h("small.note", { role: "status" });
    const [suggests, box] = option("suggests", "Suggestions", "What the latest network suggests, in a paler colour; accept with Enter");
    this.suggests = box;
    this.sources = menu(".sources", "What suggests", [], (source) => this.choose(source));
    this.sources.hidden = true;
    return h(
      "div.options", {},
      option("advances", "Next picture after saving", "After s the next picture is shown")[0],
      option("skipsDuplicates", "Skip nearly identical pictures", "Pictures that hardly differ are passed and labelled together")[0],
      h("div.pair", {}, suggests, this.sight.option), this.sources, this.suggestNote, this.sight.picture,
    );
  }

  tellSeek(success, suggestions) {
    const isOff = this.wanted.value === "doubtful" && !suggestions;
    const none = `No such picture in this video: ${this.wanted.selectedOptions[0].textContent}.`;
    write(this.notFound, success ? "" : isOff ? "Switch on Suggestions to find what the network is unsure of." : none);
  }

  explain(note) {
    this.note = note;
    const { status, run, part, origin, source, sources = [] } = note ?? {};
    this.sources.replaceChildren(...sources.map(({ id, title }) => h("option", { value: id }, title)));
    this.sources.hidden = sources.length < 2;
    this.sources.value = source;
    const learned = part === "train" ? " It was trained on this video." : "";
    const text = origin ? `${origin}.` : status === "ready" ? `${sources.length > 1 ? "Pale" : `From ${run}, pale`} until you accept them.${learned}` : (SUGGESTIONS[status] ?? status ?? "");
    this.suggestNote.replaceChildren(text);
    if (status === "withheld") this.suggestNote.append(" ", button(".link", { onclick: () => this.act("insist") }, "Show them anyway"));
  }

  warn(texts) {
    if (texts.join() === this.warned) return;
    this.warned = texts.join();
    this.warnings.replaceChildren(...texts.map((text) => h("p", {}, text)));
  }

  /** Say that a video is done, and offer the next one. */
  finish(view) {
    const { tracks, next } = view;
    const key = view.isFinished ? `${tracks.video.key} ${next?.key}` : "";
    if (key === this.finished) return;
    this.finished = key;
    this.done.hidden = !key;
    const goOn = next && button(".command.primary", { onclick: () => this.open(next.id) }, `Next: ${next.key}`);
    this.done.replaceChildren(...(key ? [h("span", {}, `✓ ${tracks.video.key} is done. `), goOn ?? "So are all the others."] : []));
  }

  show(view) {
    const { tracks, alike, conflicts, lacking, suggestNote, whole, told, canUndo, canRedo } = view;
    for (const row of this.rows) row.show(view);
    this.warn([
      ...conflicts.map(([a, b]) => `“${a}” and “${b}” at once? Check before you save.`),
      ...lacking.map((names) => `None of ${listed(names)}? One of them should be true.`),
    ]);
    this.finish(view);
    const count = alike * (this.rows.length - whole.open.length);
    write(this.saves, whole.missing.length ? "Save …" : `Save ${count} ${count === 1 ? "answer" : "answers"}`);
    write(this.told, told);
    if (suggestNote !== this.note) this.explain(suggestNote);
    if (this.suggests.checked !== view.suggests) this.suggests.checked = view.suggests;
    this.sight.show(view);
    this.hint.hidden = tracks.labelled > 0;
    this.undo.disabled = !canUndo;
    this.redo.disabled = !canRedo;
    mark(this.latchAll, "aria-pressed", view.latchesAll);
  }
}
