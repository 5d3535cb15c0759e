import assert from "node:assert/strict";
import { test } from "node:test";

import { FALSE, TRUE, UNSET, fromAnswer, stretches, toAnswer } from "../../ui/label/labeller/label_tracks.js";
import { tracksOf } from "./made.mjs";

test("stretches are the runs of equal answers, and unset is none", () => {
  const values = [TRUE, TRUE, UNSET, FALSE, TRUE];
  assert.deepEqual(stretches((position) => values[position], 0, 4), [
    { value: TRUE, first: 0, last: 1 }, { value: FALSE, first: 3, last: 3 }, { value: TRUE, first: 4, last: 4 },
  ]);
});

test("stretches are cut at the ends that are asked for", () => {
  assert.deepEqual(stretches(() => TRUE, 2, 3), [{ value: TRUE, first: 2, last: 3 }]);
});

test("unset is never read as false", () => {
  assert.deepEqual([null, true, false].map((answer) => toAnswer(fromAnswer(answer))), [null, true, false]);
});

test("the server speaks of indexes, the tracks of positions", () => {
  const tracks = tracksOf({ lanes: { good: [[2, 6, true]] } });
  assert.deepEqual([...tracks.tracks.get("good")], [UNSET, TRUE, TRUE, TRUE, UNSET, UNSET]);
});

test("a frame is labelled with one answer, and answered with all of them", () => {
  const tracks = tracksOf({ lanes: { good: [[0, 4, true]], error: [[0, 0, false]] } });
  assert.deepEqual([tracks.labelled, tracks.answered], [3, 1]);
});

test("an answer that is replaced does not count twice", () => {
  const tracks = tracksOf({ lanes: { good: [[0, 4, true]] } });
  tracks.set("good", 0, 5, FALSE);
  assert.equal(tracks.labelled, 6);
});

test("set returns what was there, and restore writes it back", () => {
  const tracks = tracksOf({ lanes: { good: [[0, 2, true]] } });
  const before = tracks.set("good", 1, 3, FALSE);
  tracks.restore("good", 1, before);
  assert.deepEqual([...tracks.tracks.get("good")], [TRUE, TRUE, UNSET, UNSET, UNSET, UNSET]);
});

test("labels that are loaded again replace those before", () => {
  const tracks = tracksOf({ lanes: { good: [[0, 10, true]] } });
  tracks.load({ blind: false, disputed: [], lanes: { good: [[0, 0, false]] } });
  assert.equal(tracks.labelled, 1);
});

test("disputed frames are positions", () => {
  assert.deepEqual([...tracksOf({ disputed: [4] }).disputed], [2]);
});

test("near-duplicates are the frames with the same first one", () => {
  assert.deepEqual(tracksOf({ alike: [0, 0, 2, 2, 2, 5] }).nearDuplicates(3), [2, 4]);
});

test("find goes round the end", () => {
  assert.equal(tracksOf({}).find(4, 1, (position) => position === 1), 1);
});

test("find goes backwards, too", () => {
  assert.equal(tracksOf({}).find(1, -1, (position) => position > 3), 5);
});

test("find says when there is none", () => {
  assert.equal(tracksOf({}).find(1, 1, () => false), -1);
});
