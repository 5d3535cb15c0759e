import assert from "node:assert/strict";
import { test } from "node:test";

import { cameraWords, ownersText } from "../../ui/live/check.js";
import { isBlocked } from "../../ui/live/fallback.js";
import { behind, cameraProblem, isAlive, openCamera, parts, rateOf, secureAddress, sizeOf, slowly } from "../../ui/live/post.js";

const at = (address) => ({ isSecureContext: address.startsWith("https") || address.includes("localhost"), location: new URL(address) });

test("an address that browsers give no camera to is named as https", () => {
  assert.equal(secureAddress(at("http://192.168.1.20:8501/phone")), "https://192.168.1.20:8501/phone");
  assert.equal(secureAddress(at("https://192.168.1.20:8501/phone")), "");
  assert.equal(secureAddress(at("http://localhost:8501/phone")), "");
});

test("a picture is sent with 640 pixels at most, upright or across, and never enlarged", () => {
  assert.deepEqual([[1280, 960], [1080, 1920], [320, 240]].map(([w, h]) => sizeOf(w, h)), [[640, 480], [360, 640], [320, 240]]);
});

test("an answer is a JSON after its length, then the picture", () => {
  const json = new TextEncoder().encode('{"number":7}');
  const content = new Uint8Array([0, 0, 0, json.length, ...json, 255, 216]).buffer;
  const [said, jpeg] = parts(content);
  assert.deepEqual([said, [...new Uint8Array(jpeg)]], [{ number: 7 }, [255, 216]]);
});

test("the rate is that of the last pictures, in a sentence", () => {
  assert.equal(rateOf([0, 250, 500, 1000]), 3);
  assert.equal(rateOf([5]), 0);
  assert.equal(slowly(3.1), "Your network blocks live video, so single pictures are sent: about 3 a second.");
  assert.equal(slowly(0), "Your network blocks live video, so single pictures are sent.");
});

test("a camera that is refused, missing or busy is explained", () => {
  const said = ["NotAllowedError", "NotFoundError", "NotReadableError"].map((name) => cameraProblem({ name }));
  assert.match(said[0], /not allowed/);
  assert.match(said[1], /no camera/);
  assert.match(said[2], /Another app or tab/);
  assert.match(cameraWords("NotReadableError"), /another app or tab/);
});

test("a phone without a camera at the back gives another one", async () => {
  const asked = [];
  const getUserMedia = async ({ video }) => {
    asked.push(video === true ? "any" : video.facingMode.ideal);
    if (video !== true) throw Object.assign(new Error("no such camera"), { name: "OverconstrainedError" });
    return "stream";
  };
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: { getUserMedia } }, configurable: true });
  assert.equal(await openCamera(), "stream");
  assert.deepEqual(asked, ["environment", "any"]);
});

test("a camera that the background took away is not alive", () => {
  const stream = (readyState, muted) => ({ getVideoTracks: () => [{ readyState, muted }] });
  assert.deepEqual([stream("live", false), stream("live", true), stream("ended", false), undefined].map(isAlive), [true, false, false, false]);
});

test("video is blocked eight seconds after the server answered, or when it failed, and never once it was good", () => {
  assert.equal(isBlocked("checking", 9000, 7900), false);
  assert.equal(isBlocked("checking", 9000, 8000), true);
  assert.equal(isBlocked("new", 19000, -1), false); // the server loads a network
  assert.equal(isBlocked("new", 20000, -1), true);
  assert.equal(isBlocked("failed", 100, 50), true);
  assert.equal(isBlocked("connected", 60000, 50000), false);
});

test("the owner of the network is asked for what failed only", () => {
  const here = new URL("https://192.168.1.20:8501/phone");
  const text = ownersText(here, new Set(["video"]));
  assert.match(text, /UDP between the devices and 192\.168\.1\.20/);
  assert.match(text, /client isolation/);
  assert.doesNotMatch(text, /websockets/);
  assert.match(ownersText(here, new Set(["post"])), /TCP to 192\.168\.1\.20, port 8501/);
});

test("a single picture is as far behind as its way took", () => {
  assert.equal(behind(1000, 1640), "0.6 s behind the camera");
});
