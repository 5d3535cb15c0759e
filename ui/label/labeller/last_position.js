/* Where to begin: where this annotator was in each video, as this browser remembers it, and what is assigned next. */

import { read, store } from "./storage.js";

/** Return the next assigned video to label: one that was begun, else the first; none where all are done. */
export function nextAssigned(videos) {
  const open = videos.filter((video) => video.assigned && video.answered < video.frames);
  return open.find((video) => video.answered) ?? open[0];
}

/** Return the video to go on with after the one called `id`: one that is assigned, else the next in the list that nobody has
 * labelled yet, else the next that this annotator has not finished; none where all are done. */
export function nextUnfinished(videos, id) {
  const place = videos.findIndex((video) => video.id === id);
  const others = [...videos.slice(place + 1), ...videos.slice(0, Math.max(0, place))];
  const unfinished = others.filter((video) => !isFinished(video));
  return nextAssigned(others) ?? unfinished.find(isNew) ?? unfinished[0] ?? null;
}

const isFinished = ({ labelled, frames }) => labelled >= frames;

/** Return whether nobody has labelled a video yet. */
export const isNew = (video) => Boolean(video.new) && !video.labelled;

export class LastPosition {
  constructor({ workspace, annotator, at }) {
    this.name = `seamlens-places|${workspace}|${annotator}`;
    this.indexes = read(this.name) ?? {}; // video -> index, and the last video
    if (at) this.follow(...at);
  }

  /** Return the video that a link leads to, else the one where this annotator was last and is not done, else the next to do;
   *  the one with most to do where somebody has labelled all of them. */
  video(videos) {
    const last = videos.find(({ id }) => id === this.indexes.last);
    if (last && (this.isLinked || !isFinished(last))) return last;
    const share = (video) => video.labelled / video.frames;
    const least = videos.reduce((best, video) => (share(video) < share(best) ? video : best));
    const next = last && nextUnfinished(videos, last.id);
    return nextAssigned(videos) ?? next ?? videos.find(isNew) ?? (isFinished(least) ? (last ?? least) : least);
  }

  index(video) {
    return this.indexes[video];
  }

  /** Begin where a link leads to, and forget the link: a reload returns to the last frame. */
  follow(video, index) {
    this.isLinked = true;
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
