/* What the latest run makes of the frames. Never a label until the annotator accepts it. */

import { FALSE, TRUE, UNSET } from "./label_tracks.js";

export class Suggestions {
  /** `answer` is what the server says; `film` is the video that it speaks of. */
  constructor(answer, film, exclusive) {
    Object.assign(this, { run: answer.run, part: answer.part, film, exclusive });
    this.probabilities = answer.probabilities;
    this.thresholds = answer.thresholds;
    this.names = film.names.filter((name) => this.probabilities[name]);
  }

  probability(name, position) {
    return this.probabilities[name]?.[position] ?? null;
  }

  /** Return TRUE, FALSE, or UNSET where the network says nothing. */
  at(name, position) {
    const probability = this.probability(name, position);
    if (probability === null) return UNSET;
    if (this.exclusive) return this.winner(position) === name ? TRUE : FALSE;
    return probability >= this.thresholds[name] ? TRUE : FALSE;
  }

  winner(position) {
    const sure = (name) => this.probability(name, position) ?? 0;
    return this.names.reduce((best, name) => (sure(name) > sure(best) ? name : best));
  }

  /** Return the ends of the stretch around `position` in which the suggestions are the same. */
  stretch(position) {
    const same = (place) => this.names.every((name) => this.at(name, place) === this.at(name, position));
    let [first, last] = [position, position];
    while (first > 0 && same(first - 1)) first -= 1;
    while (last + 1 < this.film.length && same(last + 1)) last += 1;
    return [first, last];
  }

  /** Return how far the least sure suggestion of a frame is from its threshold, of attributes without an answer. */
  sureness(position) {
    const open = this.names.filter((name) => this.film.at(name, position) === UNSET && this.at(name, position) !== UNSET);
    const gaps = open.map((name) => Math.abs(this.probability(name, position) - this.thresholds[name]));
    return gaps.length ? Math.min(...gaps) : Infinity;
  }

  /** Return the most doubtful frame; from there the next (1) or previous (-1) in the order of doubt; -1 if none is open. */
  doubtful(position, direction) {
    const sureness = Float64Array.from({ length: this.film.length }, (_, place) => this.sureness(place));
    const order = [...sureness.keys()].filter((place) => sureness[place] < Infinity);
    order.sort((a, b) => sureness[a] - sureness[b]);
    const rank = position === this.walked ? order.indexOf(position) : -1;
    this.walked = rank < 0 ? order[0] : order[(rank + direction + order.length) % order.length];
    return this.walked ?? -1;
  }
}
