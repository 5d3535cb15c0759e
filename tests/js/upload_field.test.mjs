import assert from "node:assert/strict";
import { test } from "node:test";

import { print, refusal, shown, size, timeLeft } from "../../ui/elements/upload_field.js";

const FILE = { name: "seam.MP4", size: 1000, lastModified: 7 };

test("sizes and times are read as people say them", () => {
  assert.deepEqual([500, 45_300_000, 3_900_000_000].map(size), ["1 kB", "45 MB", "3.9 GB"]);
  assert.equal(timeLeft(1e9, 1e6), "17 min left");
  assert.equal(timeLeft(5e6, 1e6), "5 s left");
  assert.equal(timeLeft(1e9, 0), "");
});

test("only files of the kinds that the page takes are sent, and each once", () => {
  assert.equal(refusal(FILE, [".mp4"], []), "");
  assert.match(refusal(FILE, [".zip", ".csv"], []), /is not one of \.zip, \.csv/);
  assert.match(refusal({ ...FILE, size: 0 }, [".mp4"], []), /is empty/);
  assert.match(refusal(FILE, [".mp4"], [{ print: print(FILE) }]), /in the list already/);
});

test("two files are told apart by name, size and time", () => {
  const others = [{ name: "b.mp4" }, { size: 1 }, { lastModified: 8 }].map((change) => print({ ...FILE, ...change }));
  assert.equal(new Set([print(FILE), ...others]).size, 4);
});

test("each state is said", () => {
  const at = (state, more) => shown({ state, offset: 4e6, file: { size: 60e6 }, speed: 1e6, problem: "No.", ...more });
  assert.equal(at("runs"), "4 MB of 60 MB · 56 s left");
  assert.match(at("lost"), /connection is lost\. It goes on by itself/);
  assert.equal(at("refused"), "No.");
  assert.equal(at("whole"), "60 MB");
});
