/* The videos that are assigned to this annotator: which one comes next, and how many are left. */

import { button, h, mark } from "./dom.js";

/** Return the next video to label of those that are assigned: one that was begun, else the first; none where all are done. */
export function nextOf(videos) {
  const open = videos.filter((video) => video.assigned && video.answered < video.frames);
  return open.find((video) => video.answered) ?? open[0];
}

export class Assigned {
  /** `open(id)` shows a video. */
  constructor(open) {
    this.open = open;
    this.element = h("nav.assigned", { "aria-label": "Videos assigned to you", hidden: true });
  }

  offer(videos, current) {
    Object.assign(this, { videos, current });
    this.show();
  }

  show() {
    const mine = this.videos.filter((video) => video.assigned);
    this.element.hidden = !mine.length;
    if (mine.length) this.element.replaceChildren(h("b", {}, "Assigned to you"), h("span.remaining", {}, left(mine)), ...mine.map((video) => this.chip(video)));
  }

  chip(video) {
    const { key, answered, frames } = video;
    const next = nextOf(this.videos) === video;
    const done = answered === frames;
    const made = button(
      ".assignment", { title: `${key}: ${answered} of ${frames} frames have all answers`, onclick: () => this.open(video.id) },
      done ? "✓ " : next ? "Next: " : "", key, h("progress", { max: frames, value: answered, hidden: done, "aria-hidden": "true" }),
    );
    mark(made, "next", next);
    mark(made, "aria-current", video.id === this.current);
    return made;
  }
}

function left(mine) {
  const open = mine.filter((video) => video.answered < video.frames);
  if (!open.length) return `All ${mine.length === 1 ? "of it is" : `${mine.length} videos are`} done. Thank you!`;
  const frames = open.reduce((sum, video) => sum + video.frames - video.answered, 0);
  return `${open.length} of ${mine.length} left, ${frames.toLocaleString("en")} frames`;
}
