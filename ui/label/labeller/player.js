/* Playing forward: every frame is shown, none is skipped, and no more than 60 a second. */

export const SPEEDS = [0.25, 0.5, 1, 2, 4];
const FASTEST = 60; // frames per second
const SLIDES = 5; // frames per second of pictures that have no rate of their own

export class Player {
  /** `step()` goes one frame on and returns whether there was one; `ready()` says whether its picture is there. */
  constructor({ step, ready, changed }) {
    Object.assign(this, { step, ready, changed });
    this.speed = 1;
    this.base = SLIDES;
    this.playing = false;
  }

  /** Return frames per second. */
  get rate() {
    return Math.min(FASTEST, this.base * this.speed);
  }

  /** Take the rate of a video; none for pictures. */
  load(rate) {
    this.stop();
    this.base = rate || SLIDES;
    this.changed();
  }

  toggle() {
    if (this.playing) this.stop();
    else this.start();
  }

  start() {
    this.playing = true;
    this.due = performance.now();
    this.frame = requestAnimationFrame((now) => this.tick(now));
    this.changed();
  }

  stop() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.changed();
  }

  faster(by) {
    const place = SPEEDS.indexOf(this.speed) + by;
    this.speed = SPEEDS[Math.max(0, Math.min(place, SPEEDS.length - 1))];
    this.changed();
  }

  tick(now) {
    if (!this.playing) return;
    const gap = 1000 / this.rate;
    if (now >= this.due - 4 && this.ready()) {
      // A late frame shortens the wait for the next one, but lost time is not caught up in a rush.
      this.due = Math.max(this.due + gap, now - gap);
      if (!this.step()) this.stop();
    }
    if (this.playing) this.frame = requestAnimationFrame((next) => this.tick(next));
  }
}
