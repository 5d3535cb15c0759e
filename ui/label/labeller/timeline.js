/* All frames at once: one lane per attribute in its colour, unlabelled stretches empty.
 *
 * Click to go there, drag to set or erase a stretch, wheel to zoom, drag the ruler to scrub. */

import { button, h, icon, mark, write } from "./dom.js";
import { FALSE, TRUE, UNSET } from "./label_tracks.js";

const RULER = 18; // pixels
const NEAR = 4; // pixels that a drag needs to be one
const CLOSEST = 8; // frames that fill the timeline when it is zoomed in all the way

export class Timeline {
  /** `go(position)` and `paint(name, first, last, value)` are called with what the pointer does. */
  constructor({ go, paint }) {
    Object.assign(this, { go, paint });
    this.brush = TRUE;
    this.canvas = h("canvas", {
      role: "slider", tabindex: 0, "aria-label": "Timeline", "aria-valuemin": 0, "aria-valuenow": 0,
    });
    this.names = h("div.names");
    this.element = h("div.timeline", {}, this.tools(), h("div.lanes", {}, this.names, this.canvas));
    this.lanes = document.createElement("canvas"); // the answers alone: the cursor moves without drawing them again
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(this.canvas);
    this.listen();
  }

  close() {
    this.observer.disconnect();
  }

  tools() {
    const choice = (value, label, title) => {
      const made = button(".choice", { title, onclick: () => this.choose(value) }, label);
      made.dataset.value = value;
      return made;
    };
    this.choices = [
      choice(TRUE, "true", "Dragging along a lane says true"),
      choice(FALSE, "false", "Dragging along a lane says false (or hold Shift)"),
      choice(UNSET, "erase", "Dragging along a lane erases (or hold Alt)"),
    ];
    this.counted = h("span.counted");
    const zoom = (by, label, name) => button(".icon", { "aria-label": name, title: name, onclick: () => this.zoom(by) }, label);
    return h(
      "div.tools", {}, this.counted, h("span.space"), h("span.hint", {}, "Drag on a lane:"),
      h("span.segments", { role: "group", "aria-label": "Dragging on a lane says" }, ...this.choices),
      zoom(0.5, icon("minus"), "Zoom out"), zoom(2, icon("plus"), "Zoom in"),
      button(".icon", { title: "Show all frames", "aria-label": "Show all frames", onclick: () => this.fit() }, icon("fit")),
    );
  }

  choose(value) {
    this.brush = value;
    for (const made of this.choices) mark(made, "aria-pressed", Number(made.dataset.value) === value);
  }

  /** Show a film with these attributes. */
  load(film, attributes) {
    Object.assign(this, { film, attributes, position: 0, suggestions: null });
    this.drag = null;
    this.height = attributes.length > 6 ? 13 : 20;
    this.names.replaceChildren(
      h("span", { style: `height:${RULER}px` }),
      ...attributes.map(({ name, colour }) => h("span", { style: `height:${this.height}px;--c:${colour}` }, h("i"), name)),
    );
    this.canvas.style.height = `${RULER + this.height * attributes.length}px`;
    this.canvas.setAttribute("aria-valuemax", film.length - 1);
    this.choose(this.brush);
    this.fit();
  }

  fit() {
    [this.first, this.shown] = [0, this.film.length];
    this.redraw();
  }

  zoom(by, around = this.position) {
    const shown = Math.max(Math.min(CLOSEST, this.film.length), Math.min(this.film.length, this.shown / by));
    const share = (around - this.first) / this.shown;
    this.shown = shown;
    this.first = this.within(around - share * shown);
    this.redraw();
  }

  within(first) {
    return Math.max(0, Math.min(first, this.film.length - this.shown));
  }

  /** Move the cursor; a zoomed timeline follows it. The lanes are drawn anew where they have changed. */
  follow(position, suggestions) {
    this.position = position;
    if (this.drawn !== this.film.edits || this.suggestions !== suggestions) this.stale = true;
    this.suggestions = suggestions;
    const edge = this.shown * 0.05;
    if (position < this.first + edge || position > this.first + this.shown - edge) {
      const first = this.within(position - this.shown / 2);
      if (first !== this.first) {
        this.first = first;
        this.stale = true;
      }
    }
    this.canvas.setAttribute("aria-valuenow", position);
    this.canvas.setAttribute("aria-valuetext", `Frame ${this.film.indexes[position]}`);
    this.later();
  }

  /** Draw anew: the answers have changed. */
  redraw() {
    this.stale = true;
    this.later();
  }

  later() {
    this.turn ??= requestAnimationFrame(() => {
      this.turn = undefined;
      if (this.film && this.canvas.clientWidth) this.draw();
    });
  }

  draw() {
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const density = window.devicePixelRatio || 1;
    const [w, hh] = [Math.round(width * density), Math.round(height * density)];
    if (this.canvas.width !== w || this.canvas.height !== hh) {
      Object.assign(this.canvas, { width: w, height: hh });
      this.stale = true;
    }
    if (this.stale) this.drawLanes(width, height, density);
    this.stale = false;
    this.drawn = this.film.edits;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, w, hh);
    context.drawImage(this.lanes, 0, 0);
    context.scale(density, density);
    this.drawDrag(context);
    this.drawCursor(context, height);
    write(this.counted, `${this.film.labelled.toLocaleString("en")} of ${this.film.length.toLocaleString("en")} frames labelled by you`);
  }

  drawLanes(width, height, density) {
    Object.assign(this.lanes, { width: Math.round(width * density), height: Math.round(height * density) });
    const context = this.lanes.getContext("2d");
    context.scale(density, density);
    const style = getComputedStyle(this.canvas);
    this.ink = style.color;
    this.drawRuler(context, width);
    this.attributes.forEach(({ name, colour }, row) => {
      const top = RULER + row * this.height;
      context.fillStyle = this.ink;
      context.globalAlpha = 0.05;
      context.fillRect(0, top + 1, width, this.height - 2);
      this.runs(this.film.lanes.get(name), (value, first, last) => {
        const [x, wide] = [this.x(first, width), Math.max(1, this.x(last + 1, width) - this.x(first, width))];
        context.fillStyle = colour;
        context.globalAlpha = value === TRUE ? 1 : 0.22;
        context.fillRect(x, top + 1, wide, this.height - 2);
      });
      this.drawSuggested(context, name, colour, top, width);
    });
    context.globalAlpha = 1;
  }

  /** Suggestions: a thin line along the top of a lane, where nothing is said yet. */
  drawSuggested(context, name, colour, top, width) {
    if (!this.suggestions) return;
    const lane = this.film.lanes.get(name);
    const said = Uint8Array.from(lane, (value, place) => (value === UNSET ? this.suggestions.at(name, place) : UNSET));
    context.fillStyle = colour;
    context.globalAlpha = 0.6;
    this.runs(said, (value, first, last) => {
      if (value !== TRUE) return;
      context.fillRect(this.x(first, width), top + 1, Math.max(1, this.x(last + 1, width) - this.x(first, width)), 3);
    });
  }

  drawRuler(context, width) {
    const step = niceStep(this.shown / Math.max(1, width / 90));
    context.fillStyle = this.ink;
    context.font = "11px system-ui, sans-serif";
    for (let place = Math.ceil(this.first / step) * step; place < this.first + this.shown; place += step) {
      const x = this.x(place, width);
      context.globalAlpha = 0.25;
      context.fillRect(x, RULER - 5, 1, 5);
      context.globalAlpha = 0.65;
      if (x < width - 30) context.fillText(String(this.film.indexes[place]), x + 8, RULER - 6);
    }
    context.globalAlpha = 1;
  }

  drawDrag(context) {
    if (!this.drag?.moved) return;
    const { name, from, to, value } = this.drag;
    const row = this.attributes.findIndex((attribute) => attribute.name === name);
    const width = this.canvas.clientWidth;
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    context.fillStyle = value === UNSET ? this.ink : this.attributes[row].colour;
    context.globalAlpha = value === TRUE ? 0.85 : 0.35;
    context.fillRect(this.x(first, width), RULER + row * this.height, this.x(last + 1, width) - this.x(first, width), this.height);
    context.globalAlpha = 1;
  }

  drawCursor(context, height) {
    const width = this.canvas.clientWidth;
    const wide = Math.max(2, width / this.shown);
    const x = this.x(this.position, width);
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

  /** Call `found(value, first, last)` for every run of answers in view. */
  runs(lane, found) {
    const end = Math.min(lane.length, Math.ceil(this.first + this.shown));
    let first = Math.floor(this.first);
    for (let place = first + 1; place <= end; place += 1) {
      if (place < end && lane[place] === lane[first]) continue;
      if (lane[first] !== UNSET) found(lane[first], first, place - 1);
      first = place;
    }
  }

  x(place, width) {
    return ((place - this.first) / this.shown) * width;
  }

  placeAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const place = Math.floor(this.first + ((event.clientX - box.left) / box.width) * this.shown);
    return Math.max(0, Math.min(place, this.film.length - 1));
  }

  laneAt(event) {
    const row = Math.floor((event.clientY - this.canvas.getBoundingClientRect().top - RULER) / this.height);
    return this.attributes[row]?.name;
  }

  listen() {
    this.canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    this.canvas.addEventListener("pointermove", (event) => this.onMove(event));
    this.canvas.addEventListener("pointerup", () => this.onUp());
    this.canvas.addEventListener("pointercancel", () => this.stop());
    this.canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
  }

  onDown(event) {
    if (event.button !== 0) return;
    const place = this.placeAt(event);
    const value = event.altKey ? UNSET : event.shiftKey ? FALSE : this.brush;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = { name: this.laneAt(event), from: place, to: place, value, x: event.clientX, moved: false };
    if (!this.drag.name) this.go(place); // the ruler: scrub
  }

  onMove(event) {
    if (!this.drag) return;
    this.drag.to = this.placeAt(event);
    this.drag.moved ||= Math.abs(event.clientX - this.drag.x) > NEAR;
    if (!this.drag.name) this.go(this.drag.to);
    else this.later();
  }

  onUp() {
    this.canvas.blur(); // the keyboard belongs to the page again
    const { drag } = this;
    this.stop();
    if (!drag?.name) return;
    if (drag.moved) this.paint(drag.name, Math.min(drag.from, drag.to), Math.max(drag.from, drag.to), drag.value);
    else this.go(drag.from);
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
