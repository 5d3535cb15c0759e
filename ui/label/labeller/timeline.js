/* All frames at once: one bar per attribute in its colour, unlabelled stretches empty.
 *
 * Click to go there, drag to set or erase a stretch, wheel to zoom, drag the ruler to scrub. */

import { button, h, iconButton, mark, write } from "./dom.js";
import { FALSE, TRUE, UNSET, stretches } from "./label_tracks.js";

const RULER = 18; // pixels
const NEAR = 4; // pixels that a drag needs to count
const CLOSEST = 8; // frames that fill the timeline when it is zoomed in all the way

export class Timeline {
  /** `go(position)` and `label(stretch)` are called with what the pointer does. */
  constructor({ go, label }) {
    Object.assign(this, { go, label });
    this.canvas = h("canvas", {
      role: "slider", tabindex: 0, "aria-label": "Timeline", "aria-valuemin": 0, "aria-valuenow": 0,
      onpointerdown: (event) => this.onDown(event), onpointermove: (event) => this.onMove(event),
      onpointerup: () => this.onUp(), onpointercancel: () => this.stop(), onwheel: (event) => this.onWheel(event),
    });
    this.names = h("div.names");
    this.element = h("div.timeline", {}, this.tools(), h("div.bars", {}, this.names, this.canvas));
    this.choose(TRUE);
    this.bars = document.createElement("canvas"); // the answers alone: the cursor moves without drawing them again
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(this.canvas);
  }

  close() {
    this.observer.disconnect();
  }

  tools() {
    const choices = [[TRUE, "yes", "answer yes"], [FALSE, "no", "answer no (or hold Shift)"], [UNSET, "erase", "erase (or hold Alt)"]];
    this.choices = new Map(choices.map(([value, label, does]) =>
      [value, button(".choice", { title: `Drag along a bar to ${does}`, onclick: () => this.choose(value) }, label)]));
    this.counted = h("span.counted");
    return h(
      "div.tools", {}, this.counted, h("span.space"), h("span.hint", {}, "Draw on the bars:"),
      h("span.segments", { role: "group", "aria-label": "Draw on the bars" }, ...this.choices.values()),
      iconButton("minus", "Zoom out", () => this.zoom(0.5)), iconButton("plus", "Zoom in", () => this.zoom(2)),
      iconButton("fit", "Show all pictures", () => this.fit()),
    );
  }

  choose(value) {
    this.value = value;
    for (const [choice, element] of this.choices) mark(element, "aria-pressed", choice === value);
  }

  load(tracks, attributes) {
    Object.assign(this, { tracks, attributes, position: 0, suggestions: null, drag: null });
    this.height = attributes.length > 6 ? 13 : 20;
    this.names.replaceChildren(
      h("span", { style: `height:${RULER}px` }),
      ...attributes.map(({ name, colour }) => h("span", { style: `height:${this.height}px;--c:${colour}` }, h("i"), name)),
    );
    this.canvas.style.height = `${RULER + this.height * attributes.length}px`;
    this.canvas.setAttribute("aria-valuemax", tracks.length - 1);
    this.fit();
  }

  fit() {
    [this.first, this.shown] = [0, this.tracks.length];
    this.redraw();
  }

  zoom(by, around = this.position) {
    const shown = Math.max(Math.min(CLOSEST, this.tracks.length), Math.min(this.tracks.length, this.shown / by));
    const share = (around - this.first) / this.shown;
    this.shown = shown;
    this.first = this.within(around - share * shown);
    this.redraw();
  }

  within(first) {
    return Math.max(0, Math.min(first, this.tracks.length - this.shown));
  }

  /** Move the cursor; a zoomed timeline follows it. The bars are drawn anew where they have changed. */
  show({ position, suggestions }) {
    this.stale ||= this.drawn !== this.tracks.edits || this.suggestions !== suggestions;
    Object.assign(this, { position, suggestions });
    const edge = this.shown * 0.05;
    const isNearEdge = position < this.first + edge || position > this.first + this.shown - edge;
    const first = isNearEdge ? this.within(position - this.shown / 2) : this.first;
    this.stale ||= first !== this.first;
    this.first = first;
    this.canvas.setAttribute("aria-valuenow", position);
    this.canvas.setAttribute("aria-valuetext", `Frame ${this.tracks.indexes[position]}`);
    this.later();
  }

  redraw() {
    this.stale = true;
    this.later();
  }

  later() {
    this.turn ??= requestAnimationFrame(() => {
      this.turn = undefined;
      if (this.tracks && this.canvas.clientWidth) this.draw();
    });
  }

  draw() {
    const { clientWidth, clientHeight: height } = this.canvas;
    const density = window.devicePixelRatio || 1;
    const pixels = { width: Math.round(clientWidth * density), height: Math.round(height * density) };
    this.width = clientWidth;
    if (this.stale || this.bars.width !== pixels.width || this.bars.height !== pixels.height) this.drawBars(density, pixels);
    Object.assign(this, { stale: false, drawn: this.tracks.edits });
    Object.assign(this.canvas, pixels); // which also clears it
    const context = this.canvas.getContext("2d");
    context.drawImage(this.bars, 0, 0);
    context.scale(density, density);
    this.drawDrag(context);
    this.drawCursor(context, height);
    write(this.counted, `${this.tracks.labelled.toLocaleString("en")} of ${this.tracks.length.toLocaleString("en")} pictures labelled by you`);
  }

  drawBars(density, pixels) {
    Object.assign(this.bars, pixels);
    const context = this.bars.getContext("2d");
    context.scale(density, density);
    this.ink = getComputedStyle(this.canvas).color;
    this.drawRuler(context);
    const [from, to] = [Math.floor(this.first), Math.min(this.tracks.length, Math.ceil(this.first + this.shown)) - 1];
    this.attributes.forEach(({ name, colour }, row) => {
      const top = RULER + row * this.height;
      context.fillStyle = this.ink;
      context.globalAlpha = 0.05;
      context.fillRect(0, top + 1, this.width, this.height - 2);
      context.fillStyle = colour;
      const draw = (valueAt, height, alpha) => stretches(valueAt, from, to).forEach(({ value, first, last }) => {
        const x = this.x(first);
        context.globalAlpha = alpha[value];
        context.fillRect(x, top + 1, Math.max(1, this.x(last + 1) - x), height);
      });
      const track = this.tracks.tracks.get(name);
      draw((position) => track[position], this.height - 2, { [TRUE]: 1, [FALSE]: 0.22 });
      // A suggestion is a thin line along the top of the bar, where no answer is saved.
      if (this.suggestions) draw((position) => this.suggestions.open(name, position), 3, { [TRUE]: 0.6, [FALSE]: 0 });
    });
  }

  drawRuler(context) {
    const step = niceStep(this.shown / Math.max(1, this.width / 90));
    context.fillStyle = this.ink;
    context.font = "12px system-ui, sans-serif";
    for (let place = Math.ceil(this.first / step) * step; place < this.first + this.shown; place += step) {
      const x = this.x(place);
      context.globalAlpha = 0.25;
      context.fillRect(x, RULER - 5, 1, 5);
      context.globalAlpha = 0.8;
      if (x < this.width - 30) context.fillText(String(this.tracks.indexes[place]), x + 8, RULER - 6);
    }
  }

  drawDrag(context) {
    if (!this.drag?.moved || this.drag.row < 0) return;
    const { row, from, to, value } = this.drag;
    const [left, right] = [Math.min(from, to), Math.max(from, to) + 1].map((place) => this.x(place));
    context.fillStyle = value === UNSET ? this.ink : this.attributes[row].colour;
    context.globalAlpha = value === TRUE ? 0.85 : 0.35;
    context.fillRect(left, RULER + row * this.height, right - left, this.height);
    context.globalAlpha = 1;
  }

  drawCursor(context, height) {
    const wide = Math.max(2, this.width / this.shown);
    const x = this.x(this.position);
    context.fillStyle = context.strokeStyle = this.ink;
    context.lineWidth = 1.5;
    if (wide > 4) context.strokeRect(x, RULER - 1, wide, height - RULER);
    else context.fillRect(x, RULER - 4, wide, height - RULER + 4);
    context.beginPath();
    context.moveTo(x + wide / 2 - 5, RULER - 9);
    context.lineTo(x + wide / 2 + 5, RULER - 9);
    context.lineTo(x + wide / 2, RULER - 2);
    context.fill();
  }

  x(place) {
    return ((place - this.first) / this.shown) * this.width;
  }

  placeAt({ offsetX }) {
    const place = Math.floor(this.first + (offsetX / this.width) * this.shown);
    return Math.max(0, Math.min(place, this.tracks.length - 1));
  }

  onDown(event) {
    if (event.button !== 0) return;
    const place = this.placeAt(event);
    const value = event.altKey ? UNSET : event.shiftKey ? FALSE : this.value;
    this.canvas.setPointerCapture(event.pointerId);
    const row = Math.min(Math.floor((event.offsetY - RULER) / this.height), this.attributes.length - 1); // -1: the ruler
    this.drag = { row, from: place, to: place, value, x: event.clientX, moved: false };
    if (row < 0) this.go(place);
  }

  onMove(event) {
    if (!this.drag) return;
    this.drag.to = this.placeAt(event);
    this.drag.moved ||= Math.abs(event.clientX - this.drag.x) > NEAR;
    if (this.drag.row < 0) this.go(this.drag.to);
    else this.later();
  }

  onUp() {
    this.canvas.blur(); // the keyboard belongs to the page again
    const { row = -1, from, to, value, moved } = this.drag ?? {};
    this.stop();
    if (row < 0) return;
    if (moved) this.label({ name: this.attributes[row].name, first: Math.min(from, to), last: Math.max(from, to), value });
    else this.go(from);
  }

  stop() {
    this.drag = null;
    this.later();
  }

  onWheel(event) {
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.first = this.within(this.first + ((event.deltaX || event.deltaY) / 600) * this.shown);
      this.redraw();
    } else this.zoom(Math.exp(-event.deltaY / 400), this.placeAt(event));
  }
}

/** Return a step of 1, 2 or 5 times a power of ten that is at least `least`. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
