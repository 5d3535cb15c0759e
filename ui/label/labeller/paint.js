/* Painting: while an attribute is held or latched, every frame that is passed forwards gets its answer.
 *
 * A stroke is a stretch of one attribute that still grows: one event, stored in the browser with every frame and sent
 * when it ends. The strokes that grow together are one action: one undo takes them back. */

import { uuid } from "./dom.js";
import { FALSE, TRUE, UNSET } from "./label_tracks.js";

export class Painter {
  /** `grow(stroke, first)` labels the frames from `first` to the stroke's end and returns patches for undo,
   *  `end(stroke)` takes a stroke that grows no more, and `commit(action, patches)` those that grew together. */
  constructor(names, exclusive, { grow, end, commit }) {
    Object.assign(this, { exclusive, grow, commit, ended: end });
    this.answers = new Map(names.map((name) => [name, false])); // what `s` saves, and what is painted
    this.held = new Map(); // name -> { painted }: whether anything was painted since its key went down
    this.latched = new Set();
    this.erasing = false;
    this.strokes = new Map(); // name -> { id, action, name, value, first, last }
    this.action = null; // { id, patches } of the strokes that grow
  }

  get active() {
    const names = this.held.size ? this.held.keys() : this.erasing ? this.answers.keys() : [];
    return new Set([...names, ...this.latched]);
  }

  /** Set all answers to false. */
  reset() {
    for (const name of this.answers.keys()) this.answers.set(name, false);
  }

  /** Flip an answer. What was painted so far is one action, and painting goes on from `position` with the new answer. */
  toggle(name, position) {
    const on = !this.answers.get(name);
    if (on && this.exclusive) for (const other of this.answers.keys()) this.answers.set(other, false);
    this.answers.set(name, on);
    const names = [...this.strokes.keys()];
    this.end();
    for (const stroke of names) if (this.active.has(stroke)) this.begin(stroke, position, position);
  }

  /** An attribute's key goes down: its answer flips, and is painted until the key goes up. */
  press(name, position) {
    this.held.set(name, { painted: false });
    this.toggle(name, position);
  }

  /** The key goes up: painting ends, and its answer stays. */
  release(name) {
    const { painted } = this.held.get(name) ?? {};
    this.held.delete(name);
    if (painted && !this.latched.has(name)) this.end(name);
  }

  latch(name) {
    if (!this.latched.delete(name)) this.latched.add(name);
    else this.end(name);
  }

  /** Latch these attributes; where they are latched already, none. */
  latchAll(names = [...this.answers.keys()]) {
    const all = names.every((name) => this.latched.has(name));
    if (all) this.end();
    this.latched = new Set(all ? [] : names);
  }

  /** Erase the frames from `first` to `last` at once, and what is passed while the key is down. */
  erase(on, first, last) {
    if (on === this.erasing) return;
    this.end();
    this.erasing = on;
    if (on) for (const name of (this.held.size ? this.held : this.answers).keys()) this.begin(name, first, last);
  }

  drop() {
    this.end();
    this.held.clear();
    this.latched.clear();
    this.erasing = false;
  }

  /** The frames after `from`, up to `to`, were passed forwards. Of exclusive attributes the true one is painted last. */
  pass(from, to) {
    const names = [...this.active].sort((a, b) => (this.valueOf(a) === TRUE) - (this.valueOf(b) === TRUE));
    for (const name of names) {
      const stroke = this.strokes.get(name);
      if (stroke?.last === from) this.extend(stroke, to);
      else this.begin(name, from, to);
    }
  }

  valueOf(name) {
    const erased = this.erasing && (!this.held.size || this.held.has(name));
    return erased ? UNSET : this.answers.get(name) ? TRUE : FALSE;
  }

  begin(name, first, last) {
    if (this.strokes.has(name)) this.end(name);
    this.action ??= { id: uuid(), patches: [] };
    const stroke = { id: uuid(), action: this.action.id, name, value: this.valueOf(name), first, last: first - 1 };
    this.strokes.set(name, stroke);
    if (this.held.has(name)) this.held.get(name).painted = true;
    this.extend(stroke, last);
  }

  extend(stroke, last) {
    const first = stroke.last + 1;
    stroke.last = last;
    this.action.patches.push(...this.grow(stroke, first));
  }

  /** End the stroke of one attribute, or all of them: now they are events like any other. */
  end(name = null) {
    for (const stroke of [...this.strokes.values()]) {
      if (name !== null && stroke.name !== name && !this.exclusive) continue;
      this.strokes.delete(stroke.name);
      this.ended(stroke);
    }
    if (this.strokes.size || !this.action) return;
    this.commit(this.action.id, this.action.patches);
    this.action = null;
  }
}
