/* The day's progress: frames, pace, and a goal that the annotator sets. */

import { h, write } from "./dom.js";
import { read, store } from "./storage.js";

const EVERY = 30000; // milliseconds between questions when nothing is labelled
const SOON = 8000; // after labels were saved

export class DailyGoal {
  /** `pace(since)` asks the server what was labelled since a time. */
  constructor({ workspace, annotator }, pace) {
    this.pace = pace;
    this.name = `seamlens-goal|${workspace}|${annotator}`;
    const onchange = () => { store(this.name, Number(this.goal.value)); this.show(); this.goal.blur(); };
    const value = read(this.name) ?? 300;
    this.goal = h("input", { type: "number", min: 0, step: 50, value, "aria-label": "Goal for today, in pictures", onchange });
    this.done = h("span.done");
    this.bar = h("progress", { max: 1, value: 0, "aria-label": "Share of today's goal" });
    this.element = h("div.today", {}, h("div", {}, this.done, h("span.space"), h("label", {}, "Goal", this.goal)), this.bar);
    this.progress = {};
    this.timer = setInterval(() => document.hidden || this.ask(), EVERY);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.turn);
  }

  askSoon() {
    this.turn ??= setTimeout(() => this.ask(), SOON);
  }

  async ask() {
    clearTimeout(this.turn);
    this.turn = undefined;
    const midnight = new Date(new Date().setHours(0, 0, 0, 0));
    this.progress = await this.pace(midnight).catch(() => this.progress);
    this.show();
  }

  show() {
    const { answered = 0, minutes = 0, per_minute: rate } = this.progress;
    write(this.done, `Today ${answered.toLocaleString("en")}${minutes >= 1 ? ` · ${Math.round(rate)} per minute` : ""}`);
    const goal = Number(this.goal.value);
    this.bar.value = goal ? Math.min(1, answered / goal) : 0;
    this.bar.hidden = !goal;
  }
}
