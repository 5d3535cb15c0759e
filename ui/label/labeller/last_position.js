/* Where to begin: where this annotator was in each video, as this browser remembers it, and what is assigned next. */

import { read, store } from "./storage.js";

/** Return the next assigned video to label: one that was begun, else the first; none where all are done. */
export function nextAssigned(videos) {
  const open = videos.filter((video) => video.assigned && video.answered < video.frames);
  return open.find((video) => video.answered) ?? open[0];
}

export class LastPosition {
  constructor({ workspace, annotator, at }) {
    this.name = `seamlens-places|${workspace}|${annotator}`;
    this.indexes = read(this.name) ?? {}; // video -> index, and the last video
    if (at) this.follow(...at);
  }

  /** Return the video where this annotator was last, else the next that is assigned, else the one with most to do. */
  video(videos) {
    const share = (video) => video.labelled / video.frames;
    const least = videos.reduce((best, video) => (share(video) < share(best) ? video : best));
    return videos.find(({ id }) => id === this.indexes.last) ?? nextAssigned(videos) ?? least;
  }

  index(video) {
    return this.indexes[video];
  }

  /** Begin where a link leads to, and forget the link: a reload returns to the last frame. */
  follow(video, index) {
    this.note(video, index);
    const address = new URL(location.href);
    for (const word of ["video", "frame"]) address.searchParams.delete(word);
    history.replaceState(history.state, "", address);
  }

  note(video, index) {
    this.indexes = { ...this.indexes, last: video, [video]: index };
    store(this.name, this.indexes);
  }
}
