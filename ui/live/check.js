/* What works on this device: a list with one sentence for each thing that does not, and a text for whoever runs the network. */

const PATIENCE = 8000; // milliseconds for video and the websocket
const PICTURES = 5, BYTES = 60_000; // that are posted, and how large they are
const SLOW = 500; // milliseconds of a picture's way, above which fewer than two a second come

/** Return why there is no camera, by the name of the browser's error. */
export function cameraWords(name) {
  if (["NotAllowedError", "SecurityError"].includes(name)) return "not allowed. Allow it in the settings of this page, next to its address, then check again.";
  if (name === "NotFoundError") return "none found. Plug one in, or use another device.";
  if (name === "NotReadableError") return "used by another app or tab. Close it, then check again.";
  return `it did not start (${name}).`;
}

/** Return what to ask whoever runs the network for; `failed` has the names of what does not work. */
export function ownersText({ hostname, port, protocol, origin }, failed) {
  const door = port || (protocol === "https:" ? "443" : "80");
  const asks = [];
  if (failed.has("secure")) asks.push(`– The page is opened by https (now: ${origin}); browsers give no camera to http.`);
  if (failed.has("websocket") || failed.has("post")) asks.push(`– TCP to ${hostname}, port ${door}, with websockets, and no proxy in between.`);
  if (failed.has("video")) {
    asks.push(`– UDP between the devices and ${hostname}, ports 1024 to 65535, in both directions (WebRTC; it stays inside the network).`);
    asks.push("– No client isolation (“AP isolation”, “guest mode”) for these devices: they must reach one another.");
  }
  return [`Our class uses SeamLens, a camera app that runs on a computer in this network: ${origin}. Please allow:`, ...asks, "Nothing of it needs the internet."].join("\n");
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  Object.assign(made, { className, textContent: text });
  return made;
}

const within = (promise, milliseconds) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error("late")), milliseconds))]);

function secure() {
  if (window.isSecureContext) return ["secure", true, "Secure page", "yes."];
  return ["secure", false, "Secure page", `no. Browsers give their camera only to https: open https://${location.host}${location.pathname} instead.`];
}

async function websocket(address) {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}${address}/echo`);
  try {
    await within(new Promise((done, fail) => { socket.onmessage = done; socket.onerror = fail; socket.onclose = fail; }), PATIENCE);
    return ["websocket", true, "Websocket", "connects."];
  } catch {
    return ["websocket", false, "Websocket", "does not connect: pages stay empty. A proxy or an add-on blocks it; switch it off, or use another network."];
  } finally {
    socket.close();
  }
}

async function camera() {
  if (!navigator.mediaDevices?.getUserMedia) return ["camera", false, "Camera", "none at this address: it is not secure."];
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" } } });
    const track = stream.getVideoTracks()[0], facing = track.getSettings().facingMode;
    stream.getTracks().forEach((each) => each.stop());
    return ["camera", true, "Camera", facing === "environment" ? "works, at the back." : `works${track.label ? `: ${track.label}` : ""}.`];
  } catch (error) {
    return ["camera", false, "Camera", cameraWords(error.name)];
  }
}

async function video(address) {
  const blocked = "blocked: single pictures are sent instead. Ask for what stands below, or use another network, such as a phone’s hotspot.";
  if (typeof RTCPeerConnection !== "function") return ["video", false, "Live video (WebRTC)", "switched off in this browser, or by an add-on: single pictures are sent instead. Use another browser."];
  let peer;
  try {
    peer = new RTCPeerConnection({ iceServers: [] });
    const channel = peer.createDataChannel("check"), opened = new Promise((done) => (channel.onopen = done));
    await peer.setLocalDescription(await peer.createOffer());
    await within(new Promise((done) => (peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done())), 1500).catch(() => {});
    const body = JSON.stringify({ sdp: peer.localDescription.sdp });
    const response = await fetch(`${address}/try_connection`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    await peer.setRemoteDescription({ type: "answer", sdp: (await response.json()).sdp });
    await within(opened, PATIENCE);
    return ["video", true, "Live video (WebRTC)", "connects."];
  } catch {
    return ["video", false, "Live video (WebRTC)", blocked];
  } finally {
    peer?.close();
  }
}

async function pictures(address) {
  const times = [], body = new Uint8Array(BYTES);
  try {
    for (let number = 0; number < PICTURES; number++) {
      const began = performance.now();
      const response = await within(fetch(`${address}/ping`, { method: "PUT", body, headers: { "Content-Type": "image/jpeg" } }), PATIENCE);
      if (!response.ok) throw new Error("refused");
      times.push(performance.now() - began);
    }
  } catch {
    return ["post", false, "Single pictures", "do not arrive. Come closer to the access point, or use another network."];
  }
  const took = Math.round(times.sort((a, b) => a - b)[PICTURES >> 1]);
  const slow = took > SLOW ? " That is slow: come closer to the access point." : "";
  return ["post", took <= SLOW, "Single pictures", `one goes to the server and back in ${took} ms.${slow}`];
}

class Check {
  constructor(root) {
    this.button = element("button", "", "Check now");
    this.button.type = "button";
    this.button.onclick = () => this.run();
    this.list = element("ul", "");
    this.list.setAttribute("aria-live", "polite");
    this.owner = element("div", "");
    root.replaceChildren(this.button, this.list, this.owner);
  }

  async run() {
    const { address } = this.data;
    this.button.disabled = true;
    this.list.replaceChildren();
    this.owner.replaceChildren();
    const failed = new Set();
    for (const look of [secure, () => websocket(address), camera, () => video(address), () => pictures(address)]) {
      const waiting = this.list.appendChild(element("li", "", "…"));
      const [name, works, title, words] = await look();
      if (!works) failed.add(name);
      waiting.replaceWith(this.line(works, title, words));
    }
    this.button.disabled = false;
    this.button.textContent = "Check again";
    if (["secure", "websocket", "video", "post"].some((name) => failed.has(name))) this.ask(failed);
    else if (!failed.size) this.owner.append(element("p", "", "Everything works on this device."));
  }

  line(works, title, words) {
    const line = element("li", works ? "" : "bad"), said = element("span", "");
    const mark = element("span", "", works ? "✓" : "✗");
    mark.setAttribute("aria-label", works ? "works" : "does not work");
    mark.setAttribute("role", "img");
    said.append(element("b", "", title), ` ${words}`);
    line.append(mark, said);
    return line;
  }

  ask(failed) {
    const text = Object.assign(element("textarea", ""), { readOnly: true, value: ownersText(location, failed), ariaLabel: "Text for the network’s owner" });
    const copy = element("button", "", "Copy");
    copy.type = "button";
    copy.onclick = async () => {
      text.select();
      try {
        await navigator.clipboard.writeText(text.value);
      } catch { // no clipboard on plain HTTP
        document.execCommand("copy");
      }
      copy.textContent = "Copied";
    };
    this.owner.append(element("p", "", "Send this to whoever runs the network:"), text, copy);
  }
}

/** Called by the Streamlit component whenever the page runs, and by the phone page. */
export default function ({ parentElement, data }) {
  let root = parentElement.querySelector(".check");
  if (!root) {
    root = element("div", "check");
    parentElement.append(root);
    parentElement.check = new Check(root);
  }
  parentElement.check.data = data;
}
