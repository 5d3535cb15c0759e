import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { FALSE, TRUE } from "../../ui/label/labeller/label_tracks.js";
import { LastPosition, nextUnfinished } from "../../ui/label/labeller/last_position.js";
import { VideoAnswers } from "../../ui/label/labeller/video_answers.js";
import { NAMES, tracksOf } from "./made.mjs";

const SETTINGS = { workspace: "class", annotator: "Ada", attributes: NAMES.map((name) => ({ name })), exclusive: false };

beforeEach(() => {
  const stored = new Map();
  globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, text) => stored.set(key, text) };
});

/** What Ada said of a video, read anew. */
function answersOf(given = {}, settings = {}) {
  const answers = new VideoAnswers({ ...SETTINGS, ...settings });
  answers.load(tracksOf(given));
  return answers;
}

test("nothing is said of a new video", () => {
  assert.deepEqual(answersOf().missing, NAMES);
});

test("an attribute with an answer was touched", () => {
  assert.deepEqual(answersOf({ lanes: { error: [[4, 4, false]] } }).missing, ["good"]);
});

test("what was said is there after a reload, for this annotator and this video", () => {
  const answers = answersOf();
  answers.set("good", "no");
  answers.set("error", "open");
  assert.deepEqual([answersOf().constants, answersOf().open], [[["good", FALSE]], ["error"]]);
  assert.deepEqual(answersOf({}, { annotator: "Ben" }).missing, NAMES);
  assert.deepEqual(answersOf({ video: { id: 2, key: "other" } }).missing, NAMES);
});

test("a key of an attribute ends what was said of all pictures", () => {
  const answers = answersOf();
  answers.set("good", "yes");
  assert.deepEqual(answers.constants, [["good", TRUE]]);
  answers.touch("good");
  assert.deepEqual([answers.constants, answers.isSet("good")], [[], true]);
});

test("one class touches all of them", () => {
  const answers = answersOf({}, { exclusive: true });
  answers.touch("good");
  assert.deepEqual(answers.missing, []);
});

test("the next video is asked with the last choices, but for what holds of all pictures of one", () => {
  const answers = answersOf();
  answers.set("good", "changes");
  answers.set("error", "yes");
  const next = answersOf({ video: { id: 2, key: "other" } });
  assert.deepEqual([next.proposal("good"), next.proposal("error")], ["changes", undefined]);
});

const video = (id, labelled, rest = {}) => ({ id, labelled, frames: 4, answered: labelled, ...rest });

for (const [videos, next] of [
  [[video(1, 4), video(2, 4), video(3, 1)], 3],
  [[video(1, 4), video(2, 1), video(3, 0, { new: true })], 3], // a new one before one that others have labelled
  [[video(0, 0), video(1, 4), video(2, 4)], 0], // round the end
  [[video(1, 4), video(2, 0), video(3, 2, { assigned: true })], 3],
  [[video(1, 4), video(2, 4)], undefined],
]) {
  test(`after video 1 of ${JSON.stringify(videos.map(({ id, labelled }) => [id, labelled]))} comes ${next}`, () => {
    assert.equal(nextUnfinished(videos, 1)?.id, next);
  });
}

test("the page opens the video that was begun, and the next one once that is done", () => {
  const place = new LastPosition({ workspace: "class", annotator: "Ada" });
  place.note(1, 0);
  assert.equal(place.video([video(1, 2), video(2, 0)]).id, 1);
  assert.equal(place.video([video(1, 4), video(2, 0)]).id, 2);
  assert.equal(place.video([video(1, 4), video(2, 4)]).id, 1);
});

test("who comes for the first time begins with a new video", () => {
  const place = new LastPosition({ workspace: "class", annotator: "Ben" });
  assert.equal(place.video([video(1, 0), video(2, 0, { new: true })]).id, 2);
});
