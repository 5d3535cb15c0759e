/* One annotator's labels of one video: its frames in order, and one track of answers per attribute.
 *
 * A frame is addressed by its position, 0 to length - 1, among the stored frames. Its index is the decoded index in the
 * video, and differs where only every k-th frame is stored. */

export const UNSET = 0;
export const TRUE = 1;
export const FALSE = 2;

export const toAnswer = (value) => [null, true, false][value];
export const fromAnswer = (answer) => (answer === null ? UNSET : answer ? TRUE : FALSE);

/** Return `{ value, first, last }` for every stretch of equal answers from `first` to `last`; both ends are included. */
export function stretches(valueAt, first, last) {
  const result = [];
  for (let position = first; position <= last; position += 1) {
    const value = valueAt(position);
    const previous = result.at(-1);
    if (previous?.value === value) previous.last = position;
    else result.push({ value, first: position, last: position });
  }
  return result.filter(({ value }) => value !== UNSET);
}

export class LabelTracks {
  /** `answer` is what the server says of a video; `names` are the attributes of the workspace. */
  constructor(answer, names) {
    const { video, indexes, times, alike } = answer; // times in seconds, or null
    Object.assign(this, { video, indexes, times, names, length: indexes.length });
    this.alike = alike; // the first position of the near-duplicates that a frame belongs to
    this.positions = new Map(indexes.map((index, position) => [index, position]));
    this.tracks = new Map(names.map((name) => [name, new Uint8Array(this.length)]));
    this.answers = new Uint8Array(this.length); // how many attributes of a frame have an answer
    this.labelled = 0; // frames with at least one answer
    this.answered = 0; // frames with all of them
    this.edits = 0; // grows with every change: who draws the tracks sees whether they have changed
    this.load(answer);
  }

  load({ blind, disputed, lanes }) {
    this.blind = blind; // others label this video too: nothing of theirs is shown until all of it is answered
    this.disputed = new Set(disputed.map((index) => this.positions.get(index)));
    for (const name of this.names) {
      this.set(name, 0, this.length - 1, UNSET);
      for (const [first, last, value] of lanes[name] ?? []) {
        this.set(name, this.positions.get(first), this.positions.get(last), fromAnswer(value));
      }
    }
  }

  at(name, position) {
    return this.tracks.get(name)[position];
  }

  /** Return whether any frame has an answer for an attribute. */
  hasAnswer(name) {
    return this.tracks.get(name).some((value) => value !== UNSET);
  }

  /** Set a stretch, both ends included, and return what was there before. */
  set(name, first, last, value) {
    const before = this.tracks.get(name).slice(first, last + 1);
    this.restore(name, first, new Uint8Array(last - first + 1).fill(value));
    return before;
  }

  /** Write answers from position `first` on. */
  restore(name, first, values) {
    const track = this.tracks.get(name);
    this.edits += 1;
    values.forEach((value, i) => {
      const position = first + i;
      const before = this.answers[position];
      const after = before + (value !== UNSET) - (track[position] !== UNSET);
      track[position] = value;
      this.answers[position] = after;
      this.labelled += (after > 0) - (before > 0);
      this.answered += (after === this.names.length) - (before === this.names.length);
    });
  }

  /** Return the first and last position of the near-duplicates around `position`. */
  nearDuplicates(position) {
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
