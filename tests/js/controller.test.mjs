import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { Controller } from "../../ui/label/labeller/controller.js";
import { FALSE, TRUE, UNSET } from "../../ui/label/labeller/label_tracks.js";
import { NAMES, videoAnswer } from "./made.mjs";

const SETTINGS = { workspace: "class", annotator: "Ada", attributes: NAMES.map((name) => ({ name })), exclusive: false, rules: [NAMES] };
const on = Object.fromEntries(["changed", "moved", "opened", "leaving", "saved"].map((name) => [name, () => {}]));
const api = {
  send: async ({ events }) => ({ acknowledged: events.map(({ id }) => id), refused: {}, seq: 0, others: [] }),
  video: async (id) => (id === 2 ? groupOf(2) : null),
};

const groupOf = (id) => ({ ...videoAnswer(1, { video: { id, key: "seam" } }), undoable: [], redoable: [], seq: 0, version: "1" });

let controller;
afterEach(() => controller.close());

/** A controller at the first frame of a video. */
function opened(given = {}, settings = {}) {
  controller = new Controller({ ...SETTINGS, ...settings }, api, { index: () => undefined, note: () => {} }, on);
  controller.open({ ...videoAnswer(6, given), undoable: [], redoable: [], seq: 0, version: "1" });
  return controller;
}

const track = (name) => [...controller.tracks.tracks.get(name)];

test("a save answers every attribute", () => {
  opened().toggle("error");
  controller.save();
  assert.deepEqual(NAMES.map((name) => controller.tracks.at(name, 0)), [FALSE, TRUE]);
});

test("with near-duplicates skipped a save answers all of them", () => {
  opened({ alike: [0, 0, 0, 3, 4, 5] }).set("skipsDuplicates", true);
  controller.save();
  assert.deepEqual(track("good"), [FALSE, FALSE, FALSE, UNSET, UNSET, UNSET]);
});

test("with near-duplicates skipped a step goes over them", () => {
  opened({ alike: [0, 0, 0, 3, 4, 5] }).set("skipsDuplicates", true);
  controller.step(1);
  assert.equal(controller.position, 3);
});

test("the answers go on to the next frame, and a jump takes over what is saved there", () => {
  opened({ lanes: { good: [[4, 4, true]] } }).step(1);
  assert.equal(controller.painter.answers.get("good"), false);
  controller.jump(2);
  assert.equal(controller.painter.answers.get("good"), true);
});

test("undo restores what was there", () => {
  opened({ lanes: { good: [[0, 2, true]] } }).label([{ name: "good", first: 0, last: 3, value: FALSE }], "paint");
  controller.turn("undo");
  assert.deepEqual(track("good"), [TRUE, TRUE, UNSET, UNSET, UNSET, UNSET]);
});

test("redo does it again", () => {
  opened().label([{ name: "good", first: 0, last: 1, value: TRUE }], "paint");
  controller.turn("undo");
  controller.turn("redo");
  assert.deepEqual(track("good"), [TRUE, TRUE, UNSET, UNSET, UNSET, UNSET]);
});

test("of exclusive attributes a true one sets the others false", () => {
  opened({}, { exclusive: true }).label([{ name: "good", first: 0, last: 0, value: TRUE }], "paint");
  assert.equal(controller.tracks.at("error", 0), FALSE);
});

test("an event speaks of indexes", () => {
  const { first, last } = opened().event({ name: "good", first: 1, last: 2, value: TRUE });
  assert.deepEqual([first, last], [2, 4]);
});

for (const [wanted, position] of [["unlabelled", 1], ["unfinished", 1], ["change", 3], ["disputed", 5], ["true good", 3], ["unset error", 1]]) {
  test(`the next frame of the kind “${wanted}” is found`, () => {
    opened({ lanes: { good: [[6, 6, true]] }, disputed: [10] }).set("wanted", wanted);
    controller.seek(1);
    assert.equal(controller.position, position);
  });
}

test("what is pressed while the next group is on its way is meant for that group", async () => {
  opened();
  controller.open(groupOf(1));
  controller.videos = [{ id: 1 }, { id: 2 }];
  controller.go(1);
  controller.whenOpen(() => controller.save());
  await turn();
  assert.deepEqual([...controller.labelled], ["2 0"]);
});

test("a rule that is broken is shown at once", () => {
  opened().toggle("good");
  controller.toggle("error");
  assert.deepEqual(controller.view().conflicts, [NAMES]);
});

/** A controller whose server has a sketch that suggests `good` everywhere. */
function openedWithSketch(note = {}) {
  const answer = { status: "ready", run: "Sketch", origin: "Sketch: 20 labelled pictures of 1 video, not tested", version: 2, thresholds: { good: 0.5 }, probabilities: { good: Array(6).fill(0.9) }, ...note };
  opened();
  controller.api = { ...api, suggestions: async () => answer };
  return controller;
}

test("suggestions come by themselves once the sketch has learned from labels of this page", async () => {
  openedWithSketch().follow({ version: 1, own: true, learning: false });
  assert.equal(controller.suggests, false); // others have labelled, and nobody here has
  controller.save();
  controller.follow({ version: 2, own: true, learning: false });
  await turn();
  assert.equal(controller.suggestions.at("good", 3), TRUE);
});

test("suggestions that were switched off stay off", async () => {
  openedWithSketch().save();
  controller.set("suggests", false);
  controller.follow({ version: 2, own: true, learning: false });
  await turn();
  assert.equal(controller.suggestions, null);
});

test("neither the starter nor a run suggests unasked", async () => {
  openedWithSketch({ origin: undefined }).save();
  controller.follow({ version: 1, own: false, learning: false });
  assert.equal(controller.suggests, false);
  controller.follow({ version: 2, own: true, learning: false });
  await turn();
  assert.deepEqual([controller.suggests, controller.suggestions], [false, null]);
});

test("a video that is labelled blind gets no suggestions by themselves", async () => {
  openedWithSketch().save();
  controller.tracks.blind = true;
  controller.follow({ version: 2, own: true, learning: false });
  await turn();
  assert.equal(controller.suggestions, null);
});
