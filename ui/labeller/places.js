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
    this.kept = { ...this.kept, last: video.id, [video.id]: indexes[position] };
    try {
      localStorage.setItem(this.name, JSON.stringify(this.kept));
    } catch {
      // A full storage forgets the place; labels matter more.
    }
  }
}
