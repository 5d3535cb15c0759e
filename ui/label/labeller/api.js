/* The link to the server: what is asked of it, where labels go, and what was said elsewhere meanwhile. */

import { client } from "./dom.js";
import { Outbox } from "./sync.js";

const PATIENCE = 2000; // milliseconds until a question is asked again

export class Link {
  /** `told()` is called when the outbox has changed, `stored()` when labels have arrived, `met(others)` with who else is
   *  here, and `refresh()` when something was said elsewhere and nothing of this page waits. */
  constructor(settings, { told, stored, met, refresh }) {
    Object.assign(this, { settings, told, stored, met, refresh, seen: 0, desk: null });
    this.ask = client(settings.base);
    this.trouble = ""; // what could not be opened
    this.channel = new BroadcastChannel(`seamlens ${settings.workspace}`);
    this.channel.onmessage = ({ data }) => data.annotator === settings.annotator && this.outbox.send(true);
    this.outbox = new Outbox({
      ask: this.ask,
      workspace: settings.workspace,
      place: () => this.place(),
      heard: (answer, sent, place) => this.heard(answer, sent, place),
      changed: () => this.told(),
      adopted: () => this.desk && (this.desk.stale = true),
    });
  }

  close() {
    this.closed = true;
    this.outbox.close();
    this.channel.close();
  }

  videos() {
    return this.ask(`/videos?annotator=${encodeURIComponent(this.settings.annotator)}`);
  }

  video(id) {
    return this.ask(`/desk/${id}?annotator=${encodeURIComponent(this.settings.annotator)}`);
  }

  suggestions(id, insist) {
    return this.ask(`/suggestions/${id}?annotator=${encodeURIComponent(this.settings.annotator)}&insist=${insist}`);
  }

  /** Ask until the server answers, as long as `wanted()`; null when it no longer is. What the server refuses is thrown. */
  async patiently(question, wanted = () => true) {
    while (!this.closed && wanted()) {
      try {
        return await question();
      } catch (error) {
        if (error.status >= 400 && error.status < 500) throw error;
        this.outbox.problem = error.status ? error.message : "gone";
        this.told();
        await new Promise((wake) => setTimeout(wake, PATIENCE));
      }
    }
    return null;
  }

  /** Return where the annotator is, and what this page has seen of the labels there. */
  place() {
    const { film, position } = this.desk ?? {};
    const here = film ? { video: film.video.id, key: film.video.key, index: film.indexes[position], seen: this.seen } : {};
    return { annotator: this.settings.annotator, ...here };
  }

  heard(answer, sent, place) {
    this.met(answer.others);
    if (sent) {
      this.channel.postMessage({ annotator: this.settings.annotator });
      this.stored();
    }
    if (!this.desk?.film || place.video !== this.desk.film.video.id) return;
    const { film } = this.desk;
    if (answer.changed || (sent && film.blind && film.answered === film.length)) this.desk.stale = true; // no longer blind
    else this.seen = Math.max(this.seen, answer.seq);
    if (this.desk.stale && !this.outbox.length) this.refresh();
  }

  /** Wait until every label has arrived, but not for ever. */
  async drained(milliseconds) {
    const end = performance.now() + milliseconds;
    while (this.outbox.length && performance.now() < end) await new Promise((wake) => setTimeout(wake, 30));
  }
}
