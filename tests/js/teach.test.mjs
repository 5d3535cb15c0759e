import assert from "node:assert/strict";
import { test } from "node:test";

import { Holds, answerOf, frames, sentence } from "../../ui/live/teach.js";

const ANSWERS = [{ key: "b", value: true }, { key: "l", value: true }, { key: "l", value: false }, { key: "1", value: false }];
const PAGE = { plays: true, least: 5, follows: true, isHeld: false };

test("a key that repeats is held once, and ends with its release", () => {
  const holds = new Holds();
  assert.ok(holds.press("KeyB", 0));
  assert.ok(!holds.press("KeyB", 0));
  assert.ok(holds.press(7, 1));
  assert.deepEqual(holds.ids, [0, 1]);
  assert.ok(holds.release("KeyB"));
  assert.deepEqual(holds.ids, [1]);
  assert.ok(holds.clear());
  assert.ok(!holds.clear());
});

test("an answer that is held by key and by pointer is held until both go", () => {
  const holds = new Holds();
  holds.press("KeyB", 0);
  holds.press(7, 0);
  holds.release(7);
  assert.deepEqual(holds.ids, [0]);
});

test("a letter says yes, with shift no where that can be said", () => {
  assert.equal(answerOf(ANSWERS, { key: "b" }), 0);
  assert.equal(answerOf(ANSWERS, { key: "L", shiftKey: true }), 2);
  assert.equal(answerOf(ANSWERS, { key: "B", shiftKey: true }), -1);
  assert.equal(answerOf(ANSWERS, { key: "!", code: "Digit1", shiftKey: true }), 3);
  assert.equal(answerOf(ANSWERS, { key: "b", ctrlKey: true }), -1);
  assert.equal(answerOf(ANSWERS, { key: "x" }), -1);
});

test("frames are counted in words", () => {
  assert.deepEqual([1, 23].map(frames), ["1 frame", "23 frames"]);
});

test("what is wrong is said before anything else, then what was reached", () => {
  const reached = { network: "Instant network: 24 labelled pictures of 1 video, not tested", counts: [["break", true, 12]] };
  assert.equal(sentence({ ...reached, problem: "The disk is full." }, PAGE), "The disk is full.");
  assert.match(sentence(reached, { ...PAGE, plays: false }), /^The camera has stopped/);
  assert.equal(sentence({ ...reached, sees: false }, { ...PAGE, isHeld: true }), "The camera gives no picture.");
  assert.equal(sentence({ ...reached, learning: true }, PAGE), "Learning …");
  assert.equal(sentence(reached, PAGE), `Learned. ${reached.network}.`);
  assert.match(sentence(reached, { ...PAGE, follows: false }), /Choose Instant network/);
  assert.match(sentence({ counts: reached.counts }, PAGE), /^It learns from 5 frames/);
  assert.match(sentence({}, PAGE), /^Hold a button/);
});
