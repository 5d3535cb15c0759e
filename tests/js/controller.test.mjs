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

const answerOf = (given) => ({ ...videoAnswer(6, given), undoable: [], redoable: [], seq: 0, version: "1" });

/** A controller at the first frame of a video of which nothing was said. */
function fresh(given = {}, settings = {}) {
  controller = new Controller({ ...SETTINGS, ...settings }, api, { index: () => undefined, note: () => {} }, on);
  controller.open(answerOf(given));
  return controller;
}

/** A controller at the first frame of a video in which every attribute was touched. */
function opened(given = {}, settings = {}) {
  fresh(given, settings);
  for (const name of NAMES) controller.whole.touch(name);
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

test("both options of saving are as they were left when the page opens again", () => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  opened().set("advances", true);
  controller.close();
  assert.deepEqual([fresh().advances, controller.skipsDuplicates], [true, false]);
  delete globalThis.localStorage;
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
  for (const name of NAMES) controller.whole.touch(name);
  controller.whenOpen(() => controller.save());
  await turn();
  assert.deepEqual([...controller.labelled], ["2 0"]);
});

test("an answer that stays is marked, and who turns its yes off is told so", () => {
  opened().toggle("error");
  controller.save();
  controller.move(1);
  assert.deepEqual([...controller.view().carried], ["error"]);
  controller.toggle("error");
  assert.equal(controller.told, "“error” was still yes from before and is now no. To keep an answer, just save.");
  assert.deepEqual([...controller.view().carried], []);
  controller.toggle("error"); // a change of mind is none of before
  assert.equal(controller.told, "");
});

test("a rule that is broken is shown at once", () => {
  opened().toggle("good");
  controller.toggle("error");
  assert.deepEqual(controller.view().conflicts, [NAMES]);
});

test("it is shown that none of some attributes is true once all of them were set", () => {
  fresh({}, { oneOf: [NAMES] });
  assert.deepEqual(controller.view().lacking, []);
  for (const name of NAMES) controller.whole.touch(name);
  assert.deepEqual(controller.view().lacking, [NAMES]);
  controller.toggle("good");
  assert.deepEqual(controller.view().lacking, []);
});

test("the first save asks for what was not touched, and saves nothing before", () => {
  fresh().toggle("error");
  controller.save();
  assert.deepEqual([controller.question.names, track("error")[0]], [["good"], UNSET]);
});

const say = (choices) => controller.answer(new Map(Object.entries(choices)));

test("what was said of the whole video is saved with every frame", () => {
  fresh().toggle("error");
  controller.save();
  say({ good: "yes" });
  controller.move(1);
  controller.save();
  assert.deepEqual([track("good").slice(0, 3), track("error").slice(0, 3), controller.question], [[TRUE, TRUE, UNSET], [TRUE, TRUE, UNSET], null]);
});

test("what is left open is not saved, and a save says how much it saves", () => {
  fresh().toggle("error");
  controller.save();
  say({ good: "open" });
  assert.deepEqual([track("good")[0], track("error")[0], controller.told], [UNSET, TRUE, "Frame 0: 1 answer saved, good left open"]);
  controller.toggle("good");
  controller.save();
  assert.deepEqual([track("good")[0], controller.told], [TRUE, "Frame 0: 2 answers saved"]);
});

test("what changes and has words for its no is set before it is saved", () => {
  fresh({}, { attributes: [{ name: "good" }, { name: "error", false: "4 mm" }] }).toggle("good");
  controller.save();
  say({ error: "changes" });
  assert.deepEqual([track("good")[0], controller.told], [UNSET, "“error” changes in this video: set it for this picture, then save."]);
  controller.toggle("error");
  controller.save();
  assert.deepEqual([track("good")[0], track("error")[0]], [TRUE, TRUE]);
});

test("another answer for the whole video changes every labelled frame, and undo takes that back", () => {
  opened({ lanes: { good: [[0, 4, true]], error: [[4, 6, false]] } }).askAll();
  say({ good: "no", error: "changes" });
  assert.deepEqual(track("good"), [FALSE, FALSE, FALSE, FALSE, UNSET, UNSET]);
  controller.turn("undo");
  assert.deepEqual(track("good"), [TRUE, TRUE, TRUE, UNSET, UNSET, UNSET]);
});

test("to leave an attribute open erases its answers", () => {
  opened({ lanes: { good: [[0, 4, true]], error: [[0, 4, false]] } }).askAll();
  say({ good: "open", error: "changes" });
  assert.deepEqual([track("good"), track("error").slice(0, 4)], [Array(6).fill(UNSET), [FALSE, FALSE, FALSE, UNSET]]);
});

test("painting also answers what is the same in all pictures, as one action", () => {
  fresh().toggle("error");
  controller.save();
  say({ good: "no" });
  controller.press("error");
  controller.move(2);
  controller.painter.release("error");
  assert.deepEqual(track("good"), [FALSE, FALSE, FALSE, UNSET, UNSET, UNSET]);
  controller.turn("undo");
  assert.deepEqual(track("good"), [FALSE, UNSET, UNSET, UNSET, UNSET, UNSET]);
});

test("another video begins with every answer off and asks anew", () => {
  opened().toggle("error");
  controller.open({ ...answerOf({ video: { id: 2, key: "other" } }) });
  assert.deepEqual([controller.painter.answers.get("error"), controller.whole.missing], [false, NAMES]);
});

test("groups of one picture keep the answers and what was said", () => {
  opened();
  controller.open(groupOf(1));
  controller.toggle("error");
  controller.save();
  say({ good: "no" });
  controller.open(groupOf(2));
  assert.deepEqual([controller.painter.answers.get("error"), controller.whole.missing], [true, []]);
});

test("of classes nothing is saved before one was chosen", () => {
  fresh({}, { exclusive: true }).save();
  assert.deepEqual([track("good")[0], controller.question], [UNSET, null]);
  controller.toggle("good");
  controller.save();
  assert.deepEqual([track("good")[0], track("error")[0]], [TRUE, FALSE]);
});

test("a video that is done offers the next one", () => {
  opened({ lanes: { good: [[0, 10, true]], error: [[0, 10, false]] } });
  controller.videos = [{ id: 1, frames: 6 }, { id: 2, frames: 6, labelled: 6 }, { id: 3, frames: 6, labelled: 1 }];
  assert.equal(controller.view().next.id, 3);
});

/** A controller whose server has a sketch that suggests `good` everywhere. */
function openedWithSketch(note = {}) {
  const answer = { status: "ready", run: "Instant network", origin: "Instant network: 20 labelled pictures of 1 video, not tested", version: 2, thresholds: { good: 0.5 }, probabilities: { good: Array(6).fill(0.9) }, ...note };
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
