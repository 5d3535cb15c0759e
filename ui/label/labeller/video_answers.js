/* What one annotator says of all pictures of a video: for every attribute that it is true or false throughout, that it changes,
 * or that it is left open. The labels tell which attributes were answered; the browser remembers the rest. */

import { FALSE, TRUE } from "./label_tracks.js";
import { read, store } from "./storage.js";

export const [YES, NO, CHANGES, OPEN] = ["yes", "no", "changes", "open"];
const CHOICES = [YES, NO, CHANGES, OPEN];

export class VideoAnswers {
  constructor({ workspace, annotator, attributes, exclusive }) {
    this.prefix = `seamlens-video-answers|${workspace}|${annotator}|`;
    this.names = attributes.map(({ name }) => name);
    this.exclusive = exclusive;
    this.choices = new Map(); // what is missing was not set in this video
  }

  /** Take over what was said of a video. Groups of one picture share what was said: nobody is asked at every picture. */
  load(tracks) {
    const isPicture = tracks.length === 1;
    if (!isPicture || !this.isPicture) this.choices = new Map();
    this.isPicture = isPicture;
    this.key = isPicture ? null : `${this.prefix}${tracks.video.id}`;
    for (const [name, choice] of Object.entries(read(this.key) ?? {})) {
      if (this.names.includes(name) && CHOICES.includes(choice)) this.choices.set(name, choice);
    }
    for (const name of this.names) if (!this.choices.has(name) && tracks.hasAnswer(name)) this.touch(name);
  }

  get(name) {
    return this.choices.get(name);
  }

  set(name, choice) {
    if (this.choices.get(name) === choice) return;
    this.choices.set(name, choice);
    if (!this.key) return;
    store(this.key, Object.fromEntries(this.choices));
    store(`${this.prefix}last`, { ...read(`${this.prefix}last`), [name]: choice });
  }

  /** An attribute was answered in one picture: from now on it is what each picture says. */
  touch(name) {
    for (const touched of this.exclusive ? this.names : [name]) this.set(touched, CHANGES);
  }

  /** Return whether a save answers an attribute. */
  isSet(name) {
    return this.choices.has(name) && this.choices.get(name) !== OPEN;
  }

  /** Return the attributes of which nothing was said. */
  get missing() {
    return this.names.filter((name) => !this.choices.has(name));
  }

  get open() {
    return this.names.filter((name) => this.choices.get(name) === OPEN);
  }

  /** Return `[name, value]` of the attributes that are the same in all pictures. */
  get constants() {
    return this.names.filter((name) => valueOf(this.get(name))).map((name) => [name, valueOf(this.get(name))]);
  }

  /** Return what was said of the video before, where the same may well hold of this one: what changed, and what was left open. */
  proposal(name) {
    const choice = this.get(name) ?? read(`${this.prefix}last`)?.[name];
    return this.choices.has(name) || [CHANGES, OPEN].includes(choice) ? choice : undefined;
  }
}

/** Return the answer of all pictures; undefined where they may differ. */
export const valueOf = (choice) => ({ [YES]: TRUE, [NO]: FALSE })[choice];
