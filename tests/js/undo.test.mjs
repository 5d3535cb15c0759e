import assert from "node:assert/strict";
import { test } from "node:test";

import { UndoStack } from "../../ui/label/labeller/undo.js";

test("undo takes the latest action back", () => {
  const stack = new UndoStack(["old"]);
  stack.push("new", []);
  assert.equal(stack.undo().event.undoes, "new");
});

test("actions from before the page was opened can be undone", () => {
  assert.equal(new UndoStack(["first", "second"]).undo().event.undoes, "second");
});

test("redo takes the undo back", () => {
  const stack = new UndoStack(["action"]);
  const { event } = stack.undo();
  assert.equal(stack.redo().event.undoes, event.action);
});

test("an undo of another page is redone by its id", () => {
  assert.equal(new UndoStack([], ["undo"]).redo().event.undoes, "undo");
});

test("an action that was redone can be undone again", () => {
  const stack = new UndoStack(["action"]);
  stack.undo();
  stack.redo();
  assert.equal(stack.undo().event.undoes, "action");
});

test("a new action ends what could be redone", () => {
  const stack = new UndoStack(["action"]);
  stack.undo();
  stack.push("new", []);
  assert.equal(stack.redo(), null);
});

test("nothing done, nothing to undo", () => {
  assert.equal(new UndoStack().undo(), null);
});

test("the patches of an action come back with it", () => {
  const stack = new UndoStack();
  stack.push("action", ["patch"]);
  assert.deepEqual(stack.undo().entry.patches, ["patch"]);
});

test("a stack ends with its latest actions", () => {
  const stack = new UndoStack(["first", "second"]);
  assert.deepEqual([stack.endsWith(["second"]), stack.endsWith(["first"])], [true, false]);
});
