/* The frame itself, as large as fits. */

import { h, mark, write } from "./dom.js";

export class FrameCanvas {
  constructor() {
    this.canvas = h("canvas", { role: "img" });
    this.note = h("p.note");
    this.element = h("div.stage", {}, this.canvas, this.note);
    this.context = this.canvas.getContext("2d", { alpha: false });
  }

  /** Fit the canvas to pictures of a video: their own pixels, scaled by the style sheet alone. */
  load({ width, height }) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    this.element.style.setProperty("--ratio", width / height);
  }

  /** Draw a picture; without one say why: it is on its way (undefined) or missing (an Error). */
  show(picture, label) {
    const there = picture instanceof ImageBitmap;
    if (there) this.context.drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
    mark(this.element, "waiting", picture === undefined);
    mark(this.element, "missing", !there && picture !== undefined);
    write(this.note, there ? "" : picture ? `${picture.message} Its labels are not affected.` : "");
    this.canvas.setAttribute("aria-label", label);
  }
}
