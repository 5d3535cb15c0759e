/* The frame, as large as fits, and the buttons below it. Playing forward every frame is shown, none is skipped, and no more
 * than 60 per second. */

import { h, icon, iconButton, mark, menu, write } from "./dom.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const FASTEST = 60; // frames per second
const SLIDES = 5; // frames per second of pictures that have no rate of their own

export class FrameCanvas {
  constructor() {
    this.canvas = h("canvas", { role: "img", "aria-label": "No picture yet" });
    this.note = h("p.note");
    this.element = h("div.stage", {}, this.canvas, this.note);
    this.context = this.canvas.getContext("2d", { alpha: false });
  }

  /** Fit the canvas to pictures of a video: their own pixels, scaled by the style sheet alone. */
  load({ width, height }) {
    Object.assign(this.canvas, { width, height });
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    this.element.style.setProperty("--ratio", width / height);
  }

  /** Draw a picture; without one say why: it is on its way (undefined) or missing (an Error). */
  show(picture, label) {
    const missing = picture instanceof Error;
    if (picture && !missing) this.context.drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
    mark(this.element, "waiting", !picture);
    mark(this.element, "missing", missing);
    write(this.note, missing ? `${picture.message} Its labels are not affected.` : "");
    this.canvas.setAttribute("aria-label", label);
  }
}

export class Player {
  /** `step()` goes one frame on and returns whether there was one; `ready()` says whether its picture is there; `act(command)`
   *  runs a command of the keyboard. */
  constructor({ step, ready, act }) {
    Object.assign(this, { step, ready });
    this.speed = 1;
    this.base = SLIDES;
    this.playing = false;
    const command = (name, title) => iconButton(name, title, () => act(name));
    this.play = command("play", "Play and pause (space)");
    this.menu = menu("", "Speed", SPEEDS.map((speed) => [speed, `${speed}×`]), (speed) => { this.speed = Number(speed); this.show(); });
    this.pace = h("span.rate");
    this.element = h(
      "div.transport", {}, command("first", "First picture (Home)"), command("back10", "10 pictures back (Shift+←)"),
      command("back", "Previous picture (←)"), this.play, command("next", "Next picture (→)"),
      command("next10", "10 pictures on (Shift+→)"), command("last", "Last picture (End)"), this.menu, this.pace,
    );
    this.show();
  }

  show() {
    this.rate = Math.min(FASTEST, this.base * this.speed); // frames per second
    this.play.replaceChildren(icon(this.playing ? "pause" : "play"));
    mark(this.play, "aria-pressed", this.playing);
    this.menu.value = this.speed;
    write(this.pace, `${Number(this.rate.toFixed(1))} pictures per second`);
  }

  load(rate) {
    this.base = rate || SLIDES; // pictures have none
    this.stop();
  }

  toggle() {
    this.playing = !this.playing;
    this.due = performance.now();
    this.show();
    this.later();
  }

  stop() {
    this.playing = false;
    this.show();
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((now) => this.playing && this.tick(now));
  }

  faster(by) {
    const place = SPEEDS.indexOf(this.speed) + by;
    this.speed = SPEEDS[Math.max(0, Math.min(place, SPEEDS.length - 1))];
    this.show();
  }

  tick(now) {
    const gap = 1000 / this.rate;
    if (now >= this.due - 4 && this.ready()) {
      // A late frame shortens the wait for the next one, but lost time is not caught up in a rush.
      this.due = Math.max(this.due + gap, now - gap);
      if (!this.step()) this.stop();
    }
    this.later();
  }
}
