import assert from "node:assert/strict";
import { test } from "node:test";

import { FALSE, TRUE, UNSET } from "../../ui/label/labeller/label_tracks.js";
import { Painter } from "../../ui/label/labeller/paint.js";
import { NAMES } from "./made.mjs";

/** A painter, the strokes it has ended as [name, value, first, last], and the numbers of patches it has committed. */
function painting({ exclusive = false } = {}) {
  const strokes = [];
  const commits = [];
  const painter = new Painter(NAMES, exclusive, {
    grow: (stroke, first) => [{ name: stroke.name, first, last: stroke.last }],
    end: ({ name, value, first, last }) => strokes.push([name, value, first, last]),
    commit: (action, patches) => commits.push(patches.length),
  });
  return { painter, strokes, commits };
}

test("a held letter paints what is passed", () => {
  const { painter, strokes } = painting();
  painter.press("error", 2);
  painter.pass(2, 3);
  painter.pass(3, 5);
  painter.release("error");
  assert.deepEqual(strokes, [["error", TRUE, 2, 5]]);
});

test("after painting the painted answer stays", () => {
  const { painter } = painting();
  painter.press("error", 0);
  painter.pass(0, 1);
  painter.release("error");
  assert.equal(painter.answers.get("error"), true);
});

test("a letter without a move only flips its answer", () => {
  const { painter, strokes } = painting();
  painter.press("error", 0);
  painter.release("error");
  assert.deepEqual([painter.answers.get("error"), strokes], [true, []]);
});

test("a latched letter paints until it is pressed again", () => {
  const { painter, strokes } = painting();
  painter.latch("good");
  painter.pass(0, 4);
  painter.latch("good");
  painter.pass(4, 5);
  assert.deepEqual(strokes, [["good", FALSE, 0, 4]]);
});

test("a new answer ends the stroke and begins another at this frame", () => {
  const { painter, strokes } = painting();
  painter.latch("good");
  painter.pass(0, 4);
  painter.toggle("good", 4);
  painter.pass(4, 6);
  painter.drop();
  assert.deepEqual(strokes, [["good", FALSE, 0, 4], ["good", TRUE, 4, 6]]);
});

test("strokes that grow together are one action", () => {
  const { painter, commits } = painting();
  painter.latchAll();
  painter.pass(0, 1);
  painter.pass(1, 2);
  painter.drop();
  assert.deepEqual(commits, [4]);
});

test("latching all a second time releases all", () => {
  const { painter } = painting();
  painter.latchAll();
  painter.latchAll();
  assert.equal(painter.active.size, 0);
});

test("a jump in between begins a new stroke", () => {
  const { painter, strokes } = painting();
  painter.latch("good");
  painter.pass(0, 2);
  painter.pass(7, 8);
  painter.drop();
  assert.deepEqual(strokes, [["good", FALSE, 0, 2], ["good", FALSE, 7, 8]]);
});

test("the eraser takes all attributes of its frame at once", () => {
  const { painter, strokes } = painting();
  painter.erase(true, 3, 3);
  painter.erase(false);
  assert.deepEqual(strokes, [["good", UNSET, 3, 3], ["error", UNSET, 3, 3]]);
});

test("with a held letter the eraser takes that attribute alone", () => {
  const { painter, strokes } = painting();
  painter.press("error", 3);
  painter.erase(true, 3, 3);
  painter.erase(false);
  assert.deepEqual(strokes, [["error", UNSET, 3, 3]]);
});

test("of exclusive attributes one is on", () => {
  const { painter } = painting({ exclusive: true });
  painter.toggle("good", 0);
  painter.toggle("error", 0);
  assert.deepEqual([...painter.answers.values()], [false, true]);
});

test("of exclusive attributes the true one is painted last", () => {
  const { painter, strokes } = painting({ exclusive: true });
  painter.toggle("good", 0);
  painter.latchAll();
  painter.pass(0, 1);
  painter.drop();
  assert.deepEqual(strokes.map(([name]) => name), ["error", "good"]);
});
