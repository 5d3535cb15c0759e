/* The desk: one annotator at one video. Every command of the page is a method here; what is on screen follows. */

import { Brush } from "./paint.js";
import { uuid } from "./dom.js";
import { FALSE, TRUE, UNSET, toAnswer } from "./label_tracks.js";
import { History } from "./undo.js";

export class Desk {
  /** `settings` comes from the page: attributes, exclusive, rules, annotator. */
  constructor(settings, outbox) {
    this.outbox = outbox;
    this.adjust(settings);
    this.answers = new Map(this.names.map((name) => [name, false])); // what `s` would store
    this.position = 0;
    this.direction = 1;
    this.film = null;
    this.suggestions = null;
    this.wish = "unlabelled"; // which frames . and , go to
    this.movesOn = false;
    this.skipsAlike = false;
    this.saved = new Set(); // frames labelled in this sitting
    this.changed = () => {}; // what is on screen follows
    this.moved = () => {};
  }

  adjust(settings) {
    Object.assign(this, settings);
    this.names = settings.attributes.map((attribute) => attribute.name);
    this.brush ??= new Brush(this);
  }

  /** Show a video, at a position, with the answers of what is stored there. */
  open(film, history, position = 0) {
    this.film = film;
    this.history = history;
    this.suggestions = null;
    this.position = Math.min(position, film.length - 1);
    this.adopt();
  }

  /* --- where we are --- */

  /** One step on (1) or back (-1); over look-alikes when they are skipped. */
  step(by) {
    let to = this.position + by;
    if (this.skipsAlike) {
      const [first, last] = this.film.run(this.position);
      to = by > 0 ? last + 1 : first === this.position ? this.film.run(Math.max(0, first - 1))[0] : first;
    }
    return this.move(to);
  }

  /** Go to a position as one goes along a film: forwards this paints. Return whether there was somewhere to go. */
  move(to) {
    const from = this.position;
    const target = Math.max(0, Math.min(to, this.film.length - 1));
    if (target === from) return false;
    this.direction = target > from ? 1 : -1;
    if (target > from) this.brush.pass(from, target);
    else this.brush.end();
    this.position = target;
    this.moved();
    return true;
  }

  /** Go somewhere else, painting nothing; the answers are then those stored there, so that `s` does no harm. */
  jump(to) {
    const target = Math.max(0, Math.min(to, this.film.length - 1));
    this.brush.end();
    this.direction = target >= this.position ? 1 : -1;
    this.position = target;
    this.adopt();
    this.moved();
  }

  adopt() {
    for (const name of this.names) {
      const stored = this.film.at(name, this.position);
      if (stored !== UNSET && !this.brush.latched.has(name)) this.answers.set(name, stored === TRUE);
    }
  }

  /** Go to the next (1) or previous (-1) frame of the kind that is looked for. Return whether there is one. */
  seek(direction) {
    const wishes = this.wishes();
    const found = (wishes[this.wish] ?? wishes.unlabelled)(direction);
    if (found < 0) return false;
    this.jump(found);
    return true;
  }

  wishes() {
    const { film, position } = this;
    const where = (test) => (direction) => film.find(position, direction, test);
    const wishes = {
      unlabelled: where((place) => film.answers[place] === 0),
      unfinished: where((place) => film.answers[place] < this.names.length),
      disputed: where((place) => film.disputed.has(place)),
      change: where((place) => place > 0 && this.names.some((name) => film.at(name, place) !== film.at(name, place - 1))),
      doubtful: (direction) => this.suggestions?.doubtful(position, direction) ?? -1,
    };
    for (const name of this.names) {
      wishes[`true ${name}`] = where((place) => film.at(name, place) === TRUE);
      wishes[`false ${name}`] = where((place) => film.at(name, place) === FALSE);
      wishes[`unset ${name}`] = where((place) => film.at(name, place) === UNSET);
    }
    return wishes;
  }

  /* --- what is said --- */

  toggle(name) {
    const on = !this.answers.get(name);
    if (on && this.exclusive) for (const other of this.names) this.answers.set(other, false);
    this.answers.set(name, on);
    this.brush.turn();
    this.changed();
  }

  /** Return the first and last position of what `s` stores at once: this frame, or its look-alikes too. */
  here() {
    return this.skipsAlike ? this.film.run(this.position) : [this.position, this.position];
  }

  /** Store the answers for all attributes of this frame: on is true, off is false. */
  save() {
    const [first, last] = this.here();
    const chosen = this.exclusive ? this.names.filter((name) => this.answers.get(name)) : this.names;
    const stretches = (chosen.length ? chosen : this.names).map((name) => ({
      name, first, last, value: this.answers.get(name) ? TRUE : FALSE,
    }));
    this.say(stretches, "key");
  }

  /** Say something of stretches, as one action. */
  say(stretches, source) {
    this.brush.end();
    const action = uuid();
    const patches = [];
    for (const stretch of stretches) {
      patches.push(...this.put(stretch.name, stretch.first, stretch.last, stretch.value));
      this.outbox.add(this.annotator, this.event(stretch, action, source));
    }
    this.history.push(action, patches);
    if (source !== "key" && stretches.some(({ first, last }) => first <= this.position && this.position <= last)) this.adopt();
    this.changed();
  }

  /** Write a stretch into the lanes (of exclusive attributes one is true) and return what undo needs. */
  put(name, first, last, value) {
    const patches = [{ name, first, last, value, before: this.film.set(name, first, last, value) }];
    if (this.exclusive && value === TRUE) {
      for (const rival of this.names.filter((other) => other !== name)) {
        patches.push({ name: rival, first, last, value: FALSE, before: this.film.set(rival, first, last, FALSE) });
      }
    }
    for (let place = first; place <= last; place += 1) this.saved.add(`${this.film.video.id} ${place}`);
    return patches;
  }

  /** Return a stretch as the server takes it. */
  event({ name, first, last, value }, action, source, id = uuid()) {
    const { indexes, video } = this.film;
    const stretch = { video: video.id, attribute: name, first: indexes[first], last: indexes[last] };
    return { id, action, ...stretch, value: toAnswer(value), source };
  }

  undo() {
    this.brush.end();
    return this.turnBack(this.history.undo(), (patches) => {
      for (const { name, first, before } of [...patches].reverse()) this.film.restore(name, first, before);
    });
  }

  redo() {
    this.brush.end();
    return this.turnBack(this.history.redo(), (patches) => {
      for (const { name, first, last, value } of patches) this.film.set(name, first, last, value);
    });
  }

  /** Send an undo or a redo, and show it; what was done before this page was opened, only the server can show. */
  turnBack(turned, show) {
    if (!turned) return false;
    const { entry, event } = turned;
    this.outbox.add(this.annotator, event);
    if (entry.patches?.length) {
      show(entry.patches);
      const place = entry.patches[0].first;
      if (entry.patches.every(({ first, last }) => this.position < first || this.position > last)) this.position = place;
      this.adopt();
    } else {
      this.stale = true; // the server knows what it was
    }
    if (!this.history.done.length) this.stale = true; // there may be older actions than the page was told of
    this.moved();
    return true;
  }

  /** Accept what the network suggests where nothing is said yet: of this frame, or of the stretch that is like it. */
  accept(wholeStretch) {
    const { suggestions: found, film, position } = this;
    if (!found) return false;
    const [first, last] = wholeStretch ? found.stretch(position) : this.here();
    const stretches = this.names.flatMap((name) => open(film, name, first, last, found.at(name, position)));
    if (stretches.length) this.say(stretches, "suggestion");
    return stretches.length > 0;
  }

  /** Return the warnings of the rules for the answers that `s` would store. */
  warnings() {
    const broken = this.rules.filter(([one, other]) => this.answers.get(one) && this.answers.get(other));
    return broken.map(([one, other]) => `“${one}” and “${other}” are both true. Both will be stored.`);
  }
}

/** Return the stretches between `first` and `last` where nothing is said of an attribute yet. */
function open(film, name, first, last, value) {
  const found = [];
  for (let place = first; place <= last; place += 1) {
    if (film.at(name, place) !== UNSET || !value) continue;
    const before = found.at(-1);
    if (before?.last === place - 1) before.last = place;
    else found.push({ name, first: place, last: place, value });
  }
  return found;
}
