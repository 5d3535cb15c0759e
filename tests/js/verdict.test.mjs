import assert from "node:assert/strict";
import { test } from "node:test";

import { aheadOf, lines, numberOf, percent, remember, scaled } from "../../ui/live/verdict.js";

const bits = (text) => [...text].map((bit) => (bit === "1" ? 250 : 10));
const rows = (probability) => [{ name: "break", probability }];

test("a number is read with its check, and what is no code is none", () => {
  assert.equal(numberOf(bits("0000000000000101")), 0); // as core/live/picture_code.py writes it
  assert.equal(numberOf(bits("0000000000010100")), 1);
  assert.equal(numberOf(bits("1111111111111010")), 4095);
  for (const foot of ["0000000000000000", "1111111111111111", "0000000000010101"]) assert.equal(numberOf(bits(foot)), -1);
});

test("only what is sure is 0 or 100 %", () => {
  assert.deepEqual([0, 0.004, 0.5, 0.996, 1].map(percent), ["0 %", "1 %", "50 %", "99 %", "100 %"]);
});

test("ten seconds are remembered, and after a step back what lies ahead is forgotten", () => {
  const trace = [];
  for (let second = 0; second < 30; second++) remember(trace, second, rows(0.5));
  assert.deepEqual(trace.map(({ time }) => time), [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  remember(trace, 20, rows(0.5));
  assert.deepEqual(trace.map(({ time }) => time), [19, 20]);
});

test("now is at the right, one at the top, and what was not judged is a gap", () => {
  const trace = [];
  for (const [time, probability] of [[0, 1], [1, 1], [2, null], [3, 0], [4, 0]]) remember(trace, time, probability === null ? null : rows(probability));
  assert.deepEqual(lines(trace, "break"), ["60.0,1.0 70.0,1.0", "90.0,23.0 100.0,23.0"]);
});

test("the fastest answer tells best how far the clock of the server is ahead", () => {
  const answers = [{ began: 10, ended: 10.4, clock: 1010.4 }, { began: 20, ended: 20.02, clock: 1020.01 }, { began: 30, ended: 31, clock: 1030 }];
  assert.equal(aheadOf(answers).toFixed(3), "1000.000");
});

test("a stitch of twice the length stands out in the strip, and no seam is a gap", () => {
  const trace = [{ time: 0, values: { "stitch length": 2 } }, { time: 1, values: null }, { time: 2, values: { "stitch length": 4 } }];
  assert.deepEqual(scaled(trace).map(({ values }) => values?.["stitch length"]), [0.4, undefined, 0.8]);
});
