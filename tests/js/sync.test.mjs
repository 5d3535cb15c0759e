import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { SyncQueue } from "../../ui/label/labeller/sync.js";

/** The browser's storage: its entries are own properties, as `Object.keys(localStorage)` needs them. */
class FakeStorage {
  setItem(key, value) { this[key] = value; }
  getItem(key) { return this[key] ?? null; }
  removeItem(key) { delete this[key]; }
}

const queues = [];

beforeEach(() => { globalThis.localStorage = new FakeStorage(); });
afterEach(() => { for (const queue of queues.splice(0)) queue.close(); }); // or its timers write into the storage of the next test

const acknowledge = async ({ events }) => ({ acknowledged: events.map(({ id }) => id), refused: {} });

/** A queue on its way to `server`, the requests it has sent, and how often it took labels over. */
function queueTo(server = acknowledge) {
  const sent = [];
  const calls = { heard: [], adopted: 0 };
  const queue = new SyncQueue("class", {
    send: (body) => { sent.push(body); return server(body); },
    place: () => ({ annotator: "Ada", seen: 7 }),
    heard: (...given) => calls.heard.push(given),
    changed: () => {},
    adopted: () => { calls.adopted += 1; },
  });
  queues.push(queue);
  return { queue, sent, calls };
}

const gone = async () => { throw new Error("no connection"); };
const event = (id) => ({ id, attribute: "good" });
const left = () => Object.keys(localStorage).length;

/** Let the queue start as a page does, and close it, so that no timer keeps the test alive. */
async function opened(queue) {
  queue.start();
  await turn();
  queue.close();
}

test("what the server has acknowledged is no longer stored", async () => {
  const { queue } = queueTo();
  queue.add("Ada", event("a"));
  await turn();
  assert.deepEqual([queue.length, left()], [0, 0]);
});

test("events of one key press travel together", async () => {
  const { queue, sent } = queueTo();
  for (const id of ["a", "b", "c"]) queue.add("Ada", event(id));
  await turn();
  assert.deepEqual(sent.map(({ events }) => events.map(({ id }) => id)), [["a", "b", "c"]]);
});

test("without a server a label waits, and stays in the storage", async () => {
  const { queue } = queueTo(gone);
  queue.add("Ada", event("a"));
  await turn();
  queue.close();
  assert.deepEqual([queue.length, left(), queue.status.problem], [1, 1, "gone"]);
});

test("a new page sends what an earlier one left", async () => {
  const before = queueTo(gone);
  before.queue.add("Ada", event("a"));
  await turn();
  before.queue.close();
  const { queue, sent } = queueTo();
  await opened(queue);
  assert.equal(sent[0].events[0].id, "a");
});

test("labels of another workspace are left alone", async () => {
  localStorage.setItem("seamlens|other|000000000000000001|a", JSON.stringify({ annotator: "Ada", event: event("a"), touched: 0 }));
  const { queue } = queueTo();
  await opened(queue);
  assert.equal(queue.length, 0);
});

test("an open stretch is stored, and not sent", async () => {
  const { queue, sent } = queueTo();
  queue.hold("Ada", event("a"));
  queue.storeOpen();
  await queue.send();
  queue.close();
  assert.deepEqual([left(), sent.length, queue.status.open], [1, 0, 1]);
});

test("a queue that is closed writes nothing more", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { queue } = queueTo();
  queue.hold("Ada", event("a"));
  queue.storeOpen();
  queue.close();
  globalThis.localStorage = new FakeStorage();
  context.mock.timers.tick(1000);
  assert.equal(left(), 0);
});

test("a stretch that has ended is sent once, under its id", async () => {
  const { queue, sent } = queueTo();
  queue.hold("Ada", { ...event("a"), last: 1 });
  queue.add("Ada", { ...event("a"), last: 2 });
  await turn();
  queue.close();
  assert.deepEqual(sent.map(({ events }) => events), [[{ ...event("a"), last: 2 }]]);
});

test("an open stretch of a page that is gone is taken over under a new id", async () => {
  localStorage.setItem("seamlens|class|000000000000000001|a", JSON.stringify({ annotator: "Ada", event: event("a"), open: true, touched: 0 }));
  const { queue, sent } = queueTo();
  await opened(queue);
  assert.notEqual(sent[0].events[0].id, "a");
});

test("an open stretch that another page still touches is left to it", async () => {
  localStorage.setItem("seamlens|class|000000000000000001|a", JSON.stringify({ annotator: "Ada", event: event("a"), open: true, touched: Date.now() }));
  const { queue } = queueTo();
  await opened(queue);
  assert.equal(queue.length, 0);
});

test("labels that turn up later, of a page that is gone, are reported", () => {
  const { queue, calls } = queueTo();
  localStorage.setItem("seamlens|class|000000000000000001|a", JSON.stringify({ annotator: "Ada", event: event("a"), touched: 0 }));
  queue.adopt();
  assert.equal(calls.adopted, 1);
});

test("an answer is passed on with the number of labels that it is for", async () => {
  const { queue, calls } = queueTo();
  queue.add("Ada", event("a"));
  await turn();
  assert.equal(calls.heard[0][1], 1);
});

test("what the server refuses is handed over with its reason", async () => {
  const { queue } = queueTo(async () => ({ acknowledged: [], refused: { a: "no such attribute" } }));
  queue.add("Ada", event("a"));
  await turn();
  assert.deepEqual(queue.takeRefused(), [{ annotator: "Ada", event: event("a"), reason: "no such attribute" }]);
});

test("labels of two annotators travel apart", async () => {
  const { queue, sent } = queueTo();
  queue.add("Ada", event("a"));
  queue.add("Ben", event("b"));
  await turn();
  assert.deepEqual(sent.map(({ annotator }) => annotator), ["Ada", "Ben"]);
});

test("what another annotator left says nothing of what this one has loaded", async () => {
  const { queue, sent } = queueTo();
  queue.add("Ben", event("b"));
  await turn();
  assert.equal(sent[0].seen, undefined);
});

test("a full storage is noted, and the label is sent all the same", async () => {
  localStorage.setItem = () => { throw new Error("full"); };
  const { queue, sent } = queueTo();
  queue.add("Ada", event("a"));
  const { full } = queue.status;
  await turn();
  assert.deepEqual([full, sent.length], [true, 1]);
});

test("after a reload, labels come after those that wait, though the clock was set back", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 5000000 });
  const before = queueTo(gone);
  before.queue.add("Ada", event("first"));
  await opened(before.queue);
  context.mock.timers.setTime(1000);
  const { queue, sent } = queueTo();
  queue.adopt(true);
  queue.add("Ada", event("second"));
  await turn();
  assert.deepEqual(sent.flatMap(({ events }) => events.map(({ id }) => id)), ["first", "second"]);
});

test("labels of a page that is gone are taken over, though the clock was set back", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1000 });
  localStorage.setItem("seamlens|class|000000000000000001|a", JSON.stringify({ annotator: "Ada", event: event("a"), touched: 3600000 }));
  const { queue, calls } = queueTo();
  queue.adopt();
  assert.equal(calls.adopted, 1);
});

test("labels go in the order in which they were given when the clock is set back", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 5000 });
  const { queue, sent } = queueTo();
  queue.add("Ada", event("first"));
  context.mock.timers.setTime(1000);
  queue.add("Ada", event("second"));
  await turn();
  assert.deepEqual(sent[0].events.map(({ id }) => id), ["first", "second"]);
});

test("labels of somebody else who is signed out wait for them, and are in nobody's way", async () => {
  const { queue, sent } = queueTo(async (body) => {
    if (body.annotator !== "Ada") throw Object.assign(new Error("not yours"), { status: 403 });
    return acknowledge(body);
  });
  localStorage.setItem("seamlens|class|000000000000000001|b", JSON.stringify({ annotator: "Ben", event: event("b"), touched: 0 }));
  queue.add("Ada", event("a"));
  await opened(queue);
  for (let step = 0; step < 9; step += 1) await turn();
  queue.adopt();
  assert.deepEqual([queue.length, left(), queue.status.problem], [0, 1, ""]);
  assert.equal(sent.filter(({ annotator }) => annotator === "Ben").length, 1);
});

test("a page that may send nothing under its own name says so", async () => {
  const { queue } = queueTo(async () => { throw Object.assign(new Error("not signed in"), { status: 403 }); });
  queue.add("Ada", event("a"));
  await turn();
  queue.close();
  assert.deepEqual([queue.length, queue.status.problem], [1, "not signed in"]);
});
