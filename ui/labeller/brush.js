/* Painting: while an attribute is held or latched, every frame that is passed forwards gets its answer.
 *
 * A stroke is a stretch that still grows. It is one event and one undo, kept in the browser's storage with every frame
 * and sent when it ends. */

import { uuid } from "./dom.js";
import { TRUE, FALSE, UNSET } from "./film.js";

export class Brush {
  /** `desk` gives the film, the answers that are set, and takes what was painted. */
  constructor(desk) {
    this.desk = desk;
    this.held = new Map(); // name -> what its answer was before the key went down
    this.latched = new Set();
    this.erasing = false;
    this.strokes = new Map(); // name -> { event, action, name, value, first, last, patches }
  }

  /** Return the names that are painted right now. */
  get active() {
    const named = this.held.size ? this.held.keys() : this.erasing ? this.desk.names : this.latched;
    return new Set([...named, ...this.latched]);
  }

  valueOf(name) {
    const erased = this.erasing && (!this.held.size || this.held.has(name));
    return erased ? UNSET : this.desk.answers.get(name) ? TRUE : FALSE;
  }

  /** The frames after `from`, up to `to`, were passed forwards. */
  pass(from, to) {
    for (const name of this.active) {
      const value = this.valueOf(name);
      const stroke = this.strokes.get(name);
      if (stroke && stroke.value === value && stroke.last === from) this.extend(stroke, to);
      else this.begin(name, value, from, to);
    }
  }

  begin(name, value, first, last) {
    this.end(name);
    const stroke = { action: uuid(), id: uuid(), name, value, first, last: first - 1, patches: [] };
    this.strokes.set(name, stroke);
    this.extend(stroke, last);
  }

  extend(stroke, last) {
    stroke.patches.push(...this.desk.put(stroke.name, stroke.last + 1, last, stroke.value));
    stroke.last = last;
    stroke.event = this.desk.event(stroke, stroke.action, "paint", stroke.id);
    this.desk.outbox.hold(this.desk.annotator, stroke.event);
  }

  /** End the stroke of one attribute, or all of them: now it is an event like any other. */
  end(name = null) {
    for (const stroke of [...this.strokes.values()]) {
      if (name !== null && stroke.name !== name) continue;
      this.strokes.delete(stroke.name);
      this.desk.history.push(stroke.action, stroke.patches);
      this.desk.outbox.add(this.desk.annotator, stroke.event);
    }
  }

  /** An attribute's key goes down: its answer flips; while it is down the new answer is painted. */
  press(name) {
    this.held.set(name, this.desk.answers.get(name));
    this.desk.toggle(name);
  }

  /** The key goes up: after painting its answer is again what it was before. */
  release(name) {
    if (!this.held.has(name)) return;
    const before = this.held.get(name);
    this.held.delete(name);
    if (this.strokes.has(name) && !this.latched.has(name)) {
      this.end(name);
      if (!this.desk.exclusive) this.desk.answers.set(name, before);
    }
  }

  /** A latched attribute that changes its answer goes on with it from this frame. */
  turn(name) {
    if (this.latched.has(name) && this.strokes.has(name)) {
      this.begin(name, this.valueOf(name), this.desk.position, this.desk.position);
    }
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

  /** Erase this frame at once, and what is passed while the key is down. */
  erase(on) {
    if (on === this.erasing) return;
    this.end();
    this.erasing = on;
    if (!on) return;
    for (const name of this.held.size ? this.held.keys() : this.desk.names) {
      this.begin(name, UNSET, this.desk.position, this.desk.position);
    }
  }

  /** Let go of everything: keys, latches and strokes. */
  drop() {
    this.end();
    this.held.clear();
    this.latched.clear();
    this.erasing = false;
  }
}

