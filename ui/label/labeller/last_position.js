/* Where an annotator was in each video, remembered by this browser. */

export class Places {
  constructor({ workspace, annotator }) {
    this.name = `seamlens-places|${workspace}|${annotator}`;
    try {
      this.kept = JSON.parse(localStorage.getItem(this.name)) ?? {}; // forbidden storage throws, too
    } catch {
      this.kept = {};
    }
  }

  get last() {
    return this.kept.last;
  }

  of(video) {
    return this.kept[video];
  }

  note({ video, indexes }, position) {
    this.keep(video.id, indexes[position]);
  }

  /** Begin where a link leads to, and forget the link: after a reload it is where one was last. */
  ask(video, index) {
    this.keep(video, index);
    const address = new URL(location.href);
    for (const word of ["video", "frame"]) address.searchParams.delete(word);
    history.replaceState(history.state, "", address);
  }

  keep(video, index) {
    this.kept = { ...this.kept, last: video, [video]: index };
    try {
      localStorage.setItem(this.name, JSON.stringify(this.kept));
    } catch {
      // A full storage forgets the place; labels matter more.
    }
  }
}
