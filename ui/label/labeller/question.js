/* The question what is true in all pictures of a video: asked before the first save, and whenever the annotator wants it. */

import { button, h, listed, mark, write } from "./dom.js";
import { CHANGES, NO, OPEN, YES } from "./video_answers.js";

export class Question {
  /** `answer(choices)` takes a Map of name to choice, `cancel()` nothing; `changes(name, choice)` is the number of saved answers
   *  that a choice changes, and `proposal(name)` the choice to begin with. `beside` is the element that the question covers. */
  constructor(attributes, { answer, cancel, changes, proposal }, beside) {
    Object.assign(this, { answer, cancel, changes, proposal, beside });
    this.rows = new Map(attributes.map((attribute) => [attribute.name, this.row(attribute)]));
    this.title = h("h3");
    this.lead = h("p");
    const note = h("small", {}, "“It changes” saves of each picture what the panel shows; what is left open is not saved.");
    this.effect = h("p.effect", { role: "status" });
    this.save = button(".command.primary", { onclick: () => this.submit() }, h("span", {}, "Save"), h("kbd", {}, "↵"));
    const cancelling = button(".command", { onclick: () => this.element.close() }, "Cancel", h("kbd", {}, "esc"));
    const rows = [...this.rows.values()].map(({ element }) => element);
    this.element = h(
      "dialog.question", { "aria-label": "What is true in all pictures", tabindex: -1 }, this.title, this.lead, ...rows,
      note, this.effect, h("div.pair", {}, cancelling, this.save),
    );
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("close", () => { if (this.question) this.cancel(); });
  }

  row({ name, colour, true: yes, false: no }) {
    // Words of its own where false means something of its own, as with two lengths.
    const words = [[YES, (no && yes) || "yes"], [NO, no || "no"], [CHANGES, "it changes"], [OPEN, "leave open"]];
    const buttons = new Map(words.map(([choice, word], place) => [choice, button(
      ".choice", { onclick: () => this.choose(name, choice) }, h("kbd", { "aria-hidden": "true" }, String(place + 1)), word)]));
    const element = h(
      "div.asked", { role: "group", "aria-label": name, style: `--c:${colour}` }, h("b", {}, h("i"), name), ...buttons.values());
    return { element, buttons };
  }

  /** Ask, or stop asking: `question` has the `names` and whether it comes `first`, before a save. */
  show({ question, tracks }) {
    if (question === this.question) return;
    this.question = question;
    if (!question) {
      this.element.close();
      return;
    }
    const { names, first } = question;
    write(this.title, first ? "Before the first save" : "For the whole video");
    const why = first ? `${listed(names)} ${names.length === 1 ? "was" : "were"} not set yet, and a save answers every attribute. ` : "";
    write(this.lead, `${why}What is true in all pictures of ${tracks.video.key} that you label?`);
    write(this.save.firstChild, first ? "Save" : "Change");
    this.chosen = new Map(names.map((name) => [name, undefined]));
    this.proposed = new Map(names.map((name) => [name, this.proposal(name)]));
    for (const [name, { element }] of this.rows) element.hidden = !names.includes(name);
    const { top, right } = this.beside.getBoundingClientRect();
    this.element.style.setProperty("--top", `${Math.max(8, top)}px`);
    this.element.style.setProperty("--right", `${Math.max(8, window.innerWidth - right)}px`);
    this.element.showModal();
    this.mark();
  }

  choose(name, choice) {
    this.chosen.set(name, choice);
    this.mark();
  }

  /** The first attribute without a choice: what the number keys are for, whatever was proposed. */
  get current() {
    return [...this.chosen].find(([, choice]) => !choice)?.[0];
  }

  /** Return what was chosen or, where nothing was, proposed. */
  get answers() {
    return new Map([...this.chosen].map(([name, choice]) => [name, choice ?? this.proposed.get(name)]));
  }

  get isComplete() {
    return [...this.answers.values()].every(Boolean);
  }

  /** Show what is chosen or proposed; the focus is at the first attribute without a choice, else at the button that saves. */
  mark() {
    const { answers } = this;
    for (const [name, choice] of answers) {
      for (const [each, element] of this.rows.get(name).buttons) mark(element, "aria-pressed", each === choice);
      mark(this.rows.get(name).element, "current", name === this.current);
    }
    const changed = [...answers].reduce((sum, [name, choice]) => sum + (choice ? this.changes(name, choice) : 0), 0);
    write(this.effect, changed ? `This changes ${changed.toLocaleString("en")} saved ${changed === 1 ? "answer" : "answers"}. Undo takes it back.` : "");
    this.save.disabled = !this.isComplete;
    const focus = this.isComplete ? this.save : this.rows.get(this.current).buttons.get(YES);
    focus.focus();
  }

  onKey(event) {
    const name = this.current;
    const choice = [YES, NO, CHANGES, OPEN][Number(event.key) - 1];
    if (choice && name) this.choose(name, choice);
    else if (event.key.toLowerCase() === "s" && !event.repeat) this.submit();
    else if (event.key === "Enter" && !event.target.closest("button")) this.submit(); // a click beside them took the focus
    else return;
    event.preventDefault();
  }

  submit() {
    if (!this.isComplete) return;
    const { answers } = this;
    this.question = null;
    this.element.close();
    this.answer(answers);
  }
}
