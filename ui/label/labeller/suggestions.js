/* What a network, or the stitch ruler, suggests for the frames. Never a label until the annotator accepts it. */

import { FALSE, TRUE, UNSET } from "./label_tracks.js";

export class Suggestions {
  /** `answer` is what the server says; `tracks` are the labels of the video that it is for. */
  constructor({ probabilities, thresholds, millimetres = {} }, tracks, exclusive) {
    Object.assign(this, { probabilities, thresholds, millimetres, tracks, exclusive });
    this.names = tracks.names.filter((name) => probabilities[name]);
  }

  probability(name, position) {
    return this.probabilities[name]?.[position] ?? null;
  }

  /** Return TRUE, FALSE, or UNSET where there is no suggestion. */
  at(name, position) {
    const probability = this.probability(name, position);
    if (probability === null) return UNSET;
    const yes = this.exclusive ? this.winner(position) === name : probability >= this.thresholds[name];
    return yes ? TRUE : FALSE;
  }

  /** Return why that is suggested: what was measured, or how probable it is. */
  reason(name, position) {
    const [probability, length] = [this.probability(name, position), this.millimetres[name]?.[position]];
    if (length) return `${length.toFixed(1)} mm`;
    return `${Math.round(100 * (this.at(name, position) === TRUE ? probability : 1 - probability))} %`;
  }

  /** Return the suggestion where the annotator has not answered yet; else UNSET. */
  open(name, position) {
    return this.tracks.at(name, position) === UNSET ? this.at(name, position) : UNSET;
  }

  winner(position) {
    const probability = (name) => this.probability(name, position) ?? 0;
    return this.names.reduce((best, name) => (probability(name) > probability(best) ? name : best));
  }

  /** Return the ends of the stretch around `position` in which the suggestions are the same. */
  stretch(position) {
    const same = (other) => this.names.every((name) => this.at(name, other) === this.at(name, position));
    let [first, last] = [position, position];
    while (first > 0 && same(first - 1)) first -= 1;
    while (last + 1 < this.tracks.length && same(last + 1)) last += 1;
    return [first, last];
  }

  /** Return how far the least certain suggestion of a frame is from its threshold, of attributes without an answer. */
  certainty(position) {
    const open = this.names.filter((name) => this.open(name, position) !== UNSET);
    return Math.min(...open.map((name) => Math.abs(this.probability(name, position) - this.thresholds[name]))); // or Infinity
  }

  /** Return the least certain frame; from there the next (1) or previous (-1) in this order; -1 if none is open. */
  leastCertain(position, direction) {
    const certainty = Float64Array.from({ length: this.tracks.length }, (_, frame) => this.certainty(frame));
    const order = [...certainty.keys()].filter((frame) => certainty[frame] < Infinity);
    order.sort((a, b) => certainty[a] - certainty[b]);
    const rank = position === this.latest ? order.indexOf(position) : -1;
    this.latest = rank < 0 ? order[0] : order[(rank + direction + order.length) % order.length];
    return this.latest ?? -1;
  }
}
