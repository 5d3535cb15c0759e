/* How far one has come today: frames, pace and a goal of one's own. */

import { write } from "./dom.js";

const EVERY = 30000; // milliseconds between questions when nothing is labelled
const SOON = 8000; // after labels were stored

export class Today {
  constructor({ goal, done, bar }, ask, { workspace, annotator }) {
    Object.assign(this, { goal, done, bar, client: ask, annotator });
    this.name = `seamlens-goal|${workspace}|${annotator}`;
    goal.value = localStorage.getItem(this.name) ?? 300;
    goal.onchange = () => this.set();
    this.found = {};
    this.timer = setInterval(() => document.hidden || this.ask(), EVERY);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.turn);
  }

  set() {
    try {
      localStorage.setItem(this.name, this.goal.value);
    } catch {
      // Without storage the goal holds for this page.
    }
    this.show();
    this.goal.blur();
  }

  later() {
    this.turn ??= setTimeout(() => this.ask(), SOON);
  }

  async ask() {
    clearTimeout(this.turn);
    this.turn = undefined;
    const midnight = new Date();
    midnight.setHours(0, 0, 0, 0);
    const query = `annotator=${encodeURIComponent(this.annotator)}&since=${encodeURIComponent(midnight.toISOString())}`;
    this.found = await this.client(`/pace?${query}`).catch(() => this.found);
    this.show();
  }

  show() {
    const { answered = 0, minutes = 0, per_minute: rate } = this.found;
    write(this.done, `Today ${answered.toLocaleString("en")}${minutes >= 1 ? ` · ${Math.round(rate)} a minute` : ""}`);
    const goal = Number(this.goal.value);
    this.bar.value = goal ? Math.min(1, answered / goal) : 0;
    this.bar.hidden = !goal;
  }
}
