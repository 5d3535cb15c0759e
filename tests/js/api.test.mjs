import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../../ui/label/labeller/api.js";

test("a name stays what it is in an address", () => {
  const api = new Api({ base: "/api", annotator: "Zoë & Söhne #1 100%?" });
  const address = new URL(api.address(["videos"], { annotator: api.annotator }), "http://localhost");
  assert.equal(address.pathname, "/api/videos");
  assert.equal(address.searchParams.get("annotator"), "Zoë & Söhne #1 100%?");
});

test("a part of a path stays one part", () => {
  const api = new Api({ base: "/n%C3%A4he/api", annotator: "Ada" });
  assert.equal(api.address(["desk", "a/b?c"]), "/n%C3%A4he/api/desk/a%2Fb%3Fc");
});

test("a picture has its version", () => {
  assert.equal(new Api({ base: "/api", annotator: "Ada" }).picture(3, 7, "a+b"), "/api/frames/3/7.jpg?v=a%2Bb");
});
