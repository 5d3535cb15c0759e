/** What several tests need: labels of a small video, as the server answers for it. */

import { LabelTracks } from "../../ui/label/labeller/label_tracks.js";

export const NAMES = ["good", "error"];

/** A video of `length` frames, of which every second one is stored: its indexes are 0, 2, 4 … */
export function videoAnswer(length = 6, given = {}) {
  const indexes = Array.from({ length }, (_, position) => 2 * position);
  return { video: { id: 1, key: "seam" }, indexes, times: indexes.map(() => null), alike: [...indexes.keys()], blind: false, disputed: [], lanes: {}, ...given };
}

export const tracksOf = (given, length = 6) => new LabelTracks(videoAnswer(length, given), NAMES);
