/* Painting: while an attribute is held or latched, every frame that is passed forwards gets its answer.
 *
 * A stroke is a stretch of one attribute that still grows: one event, kept in the browser's storage with every frame
 * and sent when it ends. The strokes that grow together are one action: one undo takes them back. */

import { uuid } from "./dom.js";
import { FALSE, TRUE, UNSET } from "./label_tracks.js";

export class Brush {
  /** `desk` gives the film, the answers that are set, and takes what was painted. */
  constructor(desk) {
    this.desk = desk;
    this.held = new Map(); // name -> { before, painted }: its answer before the key went down, and whether it painted
    this.latched = new Set();
    this.erasing = false;
    this.strokes = new Map(); // name -> { id, name, value, first, last, event }
    this.action = null; // { id, patches } of the strokes that grow
  }

  /** Return the names that are painted right now. */
  get active() {
    const named = this.held.size ? this.held.keys() : this.erasing ? this.desk.names : [];
    return new Set([...named, ...this.latched]);
  }

  valueOf(name) {
    const erased = this.erasing && (!this.held.size || this.held.has(name));
    return erased ? UNSET : this.desk.answers.get(name) ? TRUE : FALSE;
  }

  /** The frames after `from`, up to `to`, were passed forwards. Of exclusive attributes the true one is painted last. */
  pass(from, to) {
    const names = [...this.active].sort((a, b) => (this.valueOf(a) === TRUE) - (this.valueOf(b) === TRUE));
    for (const name of names) {
      const stroke = this.strokes.get(name);
      if (stroke && stroke.last === from) this.extend(stroke, to);
      else this.begin(name, from, to);
    }
  }

  begin(name, first, last) {
    if (this.strokes.has(name)) this.end(name);
    this.action ??= { id: uuid(), patches: [] };
    const stroke = { id: uuid(), name, value: this.valueOf(name), first, last: first - 1 };
    this.strokes.set(name, stroke);
    if (this.held.has(name)) this.held.get(name).painted = true;
    this.extend(stroke, last);
  }

  extend(stroke, last) {
    this.action.patches.push(...this.desk.put(stroke.name, stroke.last + 1, last, stroke.value));
    stroke.last = last;
    stroke.event = this.desk.event(stroke, this.action.id, "paint", stroke.id);
    this.desk.outbox.hold(this.desk.annotator, stroke.event);
  }

  /** End the stroke of one attribute, or all of them: now they are events like any other. */
  end(name = null) {
    for (const stroke of [...this.strokes.values()]) {
      if (name !== null && stroke.name !== name && !this.desk.exclusive) continue;
      this.strokes.delete(stroke.name);
      this.desk.outbox.add(this.desk.annotator, stroke.event);
    }
    if (this.strokes.size || !this.action) return;
    this.desk.history.push(this.action.id, this.action.patches);
    this.action = null;
  }

  /** An attribute's key goes down: its answer flips; while it is down the new answer is painted. */
  press(name) {
    this.held.set(name, { before: this.desk.answers.get(name), painted: false });
    this.desk.toggle(name);
  }

  /** The key goes up: after painting its answer is again what it was before. */
  release(name) {
    const { before, painted } = this.held.get(name) ?? {};
    this.held.delete(name);
    if (!painted || this.latched.has(name)) return;
    this.end(name);
    if (!this.desk.exclusive) this.desk.answers.set(name, before);
  }

  /** An answer has changed: what was painted so far is one action, and painting goes on from this frame with the new. */
  turn() {
    const names = [...this.strokes.keys()];
    this.end();
    for (const name of names) if (this.active.has(name)) this.begin(name, this.desk.position, this.desk.position);
  }

  latch(name) {
    if (!this.latched.delete(name)) this.latched.add(name);
    else this.end(name);
  }

  /** Latch all attributes, or let go of all of them. */
  latchAll() {
    const all = this.latched.size === this.desk.names.length;
    if (all) this.end();
    this.latched = new Set(all ? [] : this.desk.names);
  }

  /** Erase this frame at once (look-alikes with it), and what is passed while the key is down. */
  erase(on) {
    if (on === this.erasing) return;
    this.end();
    this.erasing = on;
    if (!on) return;
    const [first, last] = this.desk.here();
    for (const name of this.held.size ? this.held.keys() : this.desk.names) this.begin(name, first, last);
  }

  /** Let go of everything: keys, latches and strokes. */
  drop() {
    this.end();
    this.held.clear();
    this.latched.clear();
    this.erasing = false;
  }
}
