import assert from "node:assert/strict";
import { test } from "node:test";

import { FALSE, TRUE, UNSET } from "../../ui/label/labeller/label_tracks.js";
import { Suggestions } from "../../ui/label/labeller/suggestions.js";
import { tracksOf } from "./made.mjs";

const answer = {
  probabilities: { good: [0.9, 0.9, 0.1, 0.55, null, 0.9], error: [0.1, 0.1, 0.8, 0.2, 0.1, 0.1] },
  thresholds: { good: 0.5, error: 0.7 },
};
const suggestionsOf = (given = {}, exclusive = false) => new Suggestions(answer, tracksOf(given), exclusive);

test("each attribute has a threshold of its own", () => {
  assert.deepEqual(["good", "error"].map((name) => suggestionsOf().at(name, 2)), [FALSE, TRUE]);
});

test("where the network has no probability there is no suggestion", () => {
  assert.equal(suggestionsOf().at("good", 4), UNSET);
});

test("of exclusive attributes the most probable is suggested", () => {
  const suggestions = suggestionsOf({}, true);
  assert.deepEqual(["good", "error"].map((name) => suggestions.at(name, 3)), [TRUE, FALSE]);
});

test("a suggestion says how probable it is", () => {
  assert.deepEqual([0, 2].map((position) => suggestionsOf().reason("good", position)), ["90 %", "90 %"]);
});

test("a suggestion of the ruler says what was measured", () => {
  const suggestions = new Suggestions({ ...answer, millimetres: { good: [2.04, null] } }, tracksOf({}), false);
  assert.deepEqual([0, 1].map((position) => suggestions.reason("good", position)), ["2.0 mm", "90 %"]);
});

test("an answer leaves no suggestion open", () => {
  assert.equal(suggestionsOf({ lanes: { good: [[0, 0, false]] } }).open("good", 0), UNSET);
});

test("a stretch ends where a suggestion changes", () => {
  assert.deepEqual(suggestionsOf().stretch(1), [0, 1]);
});

test("the least certain frame is nearest to a threshold", () => {
  assert.equal(suggestionsOf().leastCertain(0, 1), 3);
});

test("from the least certain frame on they come in order", () => {
  const suggestions = suggestionsOf();
  suggestions.leastCertain(0, 1);
  assert.equal(suggestions.leastCertain(3, 1), 2);
});

test("answered frames are not doubtful", () => {
  assert.equal(suggestionsOf({ lanes: { good: [[0, 10, true]], error: [[0, 10, true]] } }).leastCertain(0, 1), -1);
});
