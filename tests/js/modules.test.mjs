import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../ui/label/labeller/", import.meta.url);
const imports = new Map(readdirSync(FOLDER).filter((file) => file.endsWith(".js")).map((file) => [
  file, [...readFileSync(new URL(file, FOLDER), "utf8").matchAll(/from "\.\/(.*?)"/g)].map(([, name]) => name),
]));

/** Return all modules that a module reaches by its imports. */
function reached(file, names = new Set()) {
  for (const name of imports.get(file)) if (!names.has(name)) reached(name, names.add(name));
  return names;
}

test("no module reaches itself", () => {
  assert.deepEqual([...imports.keys()].filter((file) => reached(file).has(file)), []);
});

test("only the app knows the controller", () => {
  assert.deepEqual([...imports.keys()].filter((file) => imports.get(file).includes("controller.js")), ["app.js"]);
});

test("no part reaches the app", () => {
  assert.deepEqual([...imports.keys()].filter((file) => imports.get(file).includes("app.js")), []);
});
