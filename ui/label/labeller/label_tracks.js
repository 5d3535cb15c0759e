/* One video as its annotator sees it: its frames in order, and one lane of answers per attribute.
 *
 * A frame is spoken of by its position, 0 to length - 1, in the stored frames. Its index is the decoded index in the
 * video, and differs where only every k-th frame was kept. */

export const UNSET = 0;
export const TRUE = 1;
export const FALSE = 2;

export const toAnswer = (value) => ({ [UNSET]: null, [TRUE]: true, [FALSE]: false })[value];
export const fromAnswer = (answer) => (answer === null ? UNSET : answer ? TRUE : FALSE);

export class Film {
  /** `desk` is what the server answers for a video; `names` are the attributes of the workspace. */
  constructor(desk, names) {
    this.video = desk.video;
    this.indexes = desk.indexes;
    this.times = desk.times;
    this.alike = desk.alike;
    this.length = desk.indexes.length;
    this.places = new Map(desk.indexes.map((index, position) => [index, position]));
    this.names = names;
    this.lanes = new Map(names.map((name) => [name, new Uint8Array(this.length)]));
    this.answers = new Uint8Array(this.length); // how many attributes of a frame have an answer
    this.labelled = 0; // frames with at least one
    this.answered = 0; // frames with all of them
    this.edits = 0; // grows with every change: who draws the lanes sees whether they have changed
    this.take(desk);
  }

  /** Take over the labels that the server knows. */
  take(desk) {
    this.blind = desk.blind; // others label this video too, and nothing of theirs is shown until all of it is answered
    this.disputed = new Set(desk.disputed.map((index) => this.places.get(index)));
    for (const name of this.names) {
      this.set(name, 0, this.length - 1, UNSET);
      for (const [first, last, value] of desk.lanes[name] ?? []) {
        this.set(name, this.places.get(first), this.places.get(last), fromAnswer(value));
      }
    }
  }

  at(name, position) {
    return this.lanes.get(name)[position];
  }

  /** Set a stretch, both ends included, and return what was there before. */
  set(name, first, last, value) {
    const before = this.lanes.get(name).slice(first, last + 1);
    this.restore(name, first, new Uint8Array(last - first + 1).fill(value));
    return before;
  }

  /** Write answers from position `first` on. */
  restore(name, first, values) {
    const lane = this.lanes.get(name);
    this.edits += 1;
    values.forEach((value, i) => {
      const position = first + i;
      const change = (value !== UNSET) - (lane[position] !== UNSET);
      lane[position] = value;
      if (!change) return;
      const before = this.answers[position];
      const after = (this.answers[position] += change);
      this.labelled += (after > 0) - (before > 0);
      this.answered += (after === this.names.length) - (before === this.names.length);
    });
  }

  /** Return the first and last position of the run of look-alikes that holds `position`. */
  run(position) {
    const first = this.alike[position];
    let last = position;
    while (last + 1 < this.length && this.alike[last + 1] === first) last += 1;
    return [first, last];
  }

  /** Return the position after `from` in direction 1 or -1 for which `test` holds, round the end; -1 if none. */
  find(from, direction, test) {
    for (let i = 1; i <= this.length; i += 1) {
      const position = (from + direction * i + this.length) % this.length;
      if (test(position)) return position;
    }
    return -1;
  }
}
