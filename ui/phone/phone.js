/* The phone page: one camera, whose pictures go to the server as live video (WebRTC), or one by one where the network lets no video
 * through, and come back with their heatmaps. */

import { cameraProblem, closeCamera, isAlive, openCamera, PATIENCE, Poster, secureAddress, slowly } from "./post.js";
import check from "./check.js";
import teach from "./teach.js";
import verdict from "./verdict.js";

const BASE = document.documentElement.dataset.base, HERE = `${BASE}/phone`, API = `${BASE}/api`;
const GATHERED = 1500, LOST = 4000, TURN = 3000, BEAT = 1000; // milliseconds: for addresses of this device; until a broken video is
// begun anew; from one question in line to the next; and about a recording
const CODE_ROWS = 9; // at the foot of the video: core/live/picture_code.py
const NAME = "seamlens-name";

const at = (id) => document.getElementById(id);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const ordinal = (number) => `${number}${{ 1: "st", 2: "nd", 3: "rd" }[number % 100 > 10 && number % 100 < 14 ? 0 : number % 10] ?? "th"}`;

/** Ask the server; an error has the sentence for whoever holds the phone. */
async function post(address, body, keepalive = false) {
  let response;
  try {
    response = await fetch(address, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, keepalive });
  } catch {
    throw new Error("The server does not answer. Are you still in its network?");
  }
  const answer = await response.json().catch(() => ({}));
  if (answer.error) throw new Error(answer.error);
  return answer;
}

class Phone {
  constructor(setup) {
    Object.assign(this, { setup, mode: "live", way: "video", token: "", turn: 0, held: {} });
    this.name = setup.asksName ? (new URLSearchParams(location.search).get("annotator") ?? localStorage.getItem(NAME) ?? "") : setup.name;
    at("network").append(...setup.networks.map(({ id, title }) => new Option(title, id)));
    at("network-label").hidden = setup.networks.length < 2;
    at("name").value = this.name;
    at("network").onchange = () => this.isOn && this.begin();
    at("name").onchange = () => this.rename(at("name").value.trim());
    at("name-change").onclick = () => { this.rename(""); at("name").focus(); };
    at("again").onclick = () => this.begin((this.way = "video"));
    at("off").onclick = () => this.stop();
    at("main").onclick = () => this.press();
    for (const button of at("modes").children) button.onclick = () => this.choose(button.dataset.mode);
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    window.addEventListener("pagehide", () => this.token && post(`${HERE}/end`, { token: this.token }, true).catch(() => {}));
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.isOn && this.begin());
    at("drawn").onresize = ({ target }) => this.hideCode(target);
    for (const button of [at("main"), ...at("modes").children]) button.disabled = false;
    this.show();
  }

  get network() {
    return this.mode === "teach" ? "sketch" : at("network").value;
  }

  hideCode({ style, videoWidth, videoHeight }) {
    if (!videoWidth) return;
    style.clipPath = `inset(0 0 ${(100 * CODE_ROWS) / videoHeight}% 0)`;
    style.marginBottom = `-${(100 * CODE_ROWS) / videoWidth}%`; // of the width
  }

  rename(name) {
    this.name = name;
    localStorage.setItem(NAME, name);
    this.show();
  }

  choose(mode) {
    if (this.recording) return this.say("Stop the recording first.");
    this.mode = mode;
    if (this.isOn && this.network !== this.runs) this.begin();
    this.show();
  }

  async press() {
    if (this.mode === "record" && this.plays) return this.record();
    if (this.isOn) return this.stop();
    this.isOn = true;
    this.say("Allow the camera.");
    this.show();
    try {
      await this.open();
    } catch (error) {
      return this.stop(cameraProblem(error));
    }
    this.begin();
  }

  async open() {
    closeCamera(this.stream);
    this.stream = await openCamera();
    if (!this.isOn) return closeCamera(this.stream);
    this.stream.getVideoTracks()[0].onended = () => document.hidden || this.wake();
    at("camera").srcObject = this.stream;
    at("camera").play().catch(() => {});
    this.lock ??= await navigator.wakeLock?.request("screen").catch(() => undefined);
  }

  /** Begin, or begin anew: with another network, or after the connection broke. */
  async begin() {
    const turn = ++this.turn, isOver = () => turn !== this.turn || !this.isOn;
    this.hangUp();
    this.runs = this.network;
    this.say("Connecting …");
    try {
      while (!isOver()) {
        const { token, line, places } = await post(`${HERE}/begin`, { token: this.token, network: this.runs });
        this.token = token;
        if (!line) break;
        this.say(`${places === 1 ? "One device" : `${places} devices`} may be live at a time. You are ${ordinal(line)} in line; it begins by itself.`);
        await pause(TURN);
      }
      if (!isOver() && this.way === "video" && !(await this.connect(isOver)) && !isOver()) this.way = "pictures";
      if (!isOver() && this.way === "pictures") this.sendPictures(isOver);
    } catch (error) {
      if (!isOver()) this.stop(error.message);
    }
  }

  /** Connect live video; return whether that was done in time. */
  async connect(isOver) {
    if (typeof RTCPeerConnection !== "function") return false;
    const began = performance.now(), left = () => Math.max(0, PATIENCE - (performance.now() - began));
    try {
      const peer = (this.peer = new RTCPeerConnection({ iceServers: [] }));
      peer.ontrack = ({ track }) => (at("drawn").srcObject = new MediaStream([track]));
      this.sender = peer.addTrack(this.stream.getVideoTracks()[0], this.stream);
      await peer.setLocalDescription(await peer.createOffer());
      await Promise.race([pause(GATHERED), new Promise((done) => (peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done()))]);
      const { sdp } = await post(`${HERE}/offer`, { token: this.token, sdp: peer.localDescription.sdp });
      if (isOver() || !sdp) return false;
      await peer.setRemoteDescription({ type: "answer", sdp });
      const connected = new Promise((done) => (peer.onconnectionstatechange = () => peer.connectionState === "connected" && done(true)));
      const isConnected = peer.connectionState === "connected" || (await Promise.race([connected, pause(left()).then(() => false)]));
      if (!isConnected || isOver()) {
        if (this.peer === peer) this.hangUp();
        return false;
      }
      peer.onconnectionstatechange = () => this.broke(peer);
      at("drawn").play().catch(() => {});
      this.plays = true;
      this.say("");
      this.show();
      return true;
    } catch { // a browser or an add-on that forbids WebRTC
      if (!isOver()) this.hangUp();
      return false;
    }
  }

  async broke(peer) {
    if (peer.connectionState === "disconnected") await pause(LOST);
    if (this.peer === peer && this.isOn && peer.connectionState !== "connected") this.begin();
  }

  sendPictures(isOver) {
    this.plays = true;
    this.say(slowly(0));
    this.poster = new Poster({
      address: `${API}/look`, token: this.token, video: at("camera"), image: at("sent"),
      told: {
        shown: (rate) => isOver() || this.say(slowly(rate) + (this.mode === "record" ? " The video has no more than these." : "")),
        gone: () => isOver() || this.begin(),
        waits: () => isOver() || this.begin(),
        fails: (problem) => isOver() || this.say(problem, true),
      },
    });
    this.show();
  }

  /** After the background, or when the camera ended: open it again. */
  async wake() {
    if (!this.isOn || isAlive(this.stream)) return;
    try {
      await this.open();
      await this.sender?.replaceTrack(this.stream.getVideoTracks()[0]);
    } catch (error) {
      return this.stop(cameraProblem(error));
    }
    if (this.peer && this.peer.connectionState !== "connected") this.begin();
  }

  hangUp() {
    this.plays = false;
    this.poster?.stop();
    this.peer?.close();
    this.poster = this.peer = this.sender = undefined;
    at("sent").removeAttribute("src");
    this.show();
  }

  stop(problem = "") {
    this.isOn = false;
    this.turn++;
    this.hangUp();
    closeCamera(this.stream);
    this.stream = at("camera").srcObject = at("drawn").srcObject = null;
    this.lock?.release();
    this.lock = undefined;
    if (this.token) post(`${HERE}/end`, { token: this.token }).catch(() => {});
    this.token = "";
    this.recording = false;
    this.say(problem, Boolean(problem));
    this.show();
  }

  async record() {
    at("main").disabled = true;
    try {
      const said = await post(`${HERE}/recording`, { token: this.token, on: !this.recording, note: at("note-of-video").value, annotator: this.name });
      this.recording = said.seconds !== null && said.seconds !== undefined;
      this.follow(said.adding ?? "");
    } catch (error) {
      this.say(error.message, true);
    }
    at("main").disabled = false;
    this.show();
  }

  /** Tell how far a recording is, until its video is added. */
  async follow(adding) {
    const token = this.token;
    for (;;) {
      const said = await post(`${HERE}/recording`, { token, adding }).catch(() => ({}));
      const isRecording = typeof said.seconds === "number";
      const lost = said.dropped ? `, ${said.dropped} pictures lost` : "";
      if (isRecording) at("recorded").textContent = `Recording, ${Math.round(said.seconds)} s${lost}`;
      else if (said.running) at("recorded").textContent = "Adding the video …";
      else at("recorded").textContent = said.said?.join(" ") ?? "";
      if (!isRecording && !said.running) return;
      if (isRecording && !this.recording) return;
      await pause(BEAT);
    }
  }

  say(words, isBad = false) {
    const note = at("note");
    if (note.textContent === words) return;
    note.textContent = words;
    note.classList.toggle("bad", isBad);
  }

  show() {
    const { mode, plays, setup } = this, posts = Boolean(this.poster);
    document.body.classList.toggle("teaching", mode === "teach");
    for (const button of at("modes").children) button.ariaPressed = button.dataset.mode === mode;
    for (const id of ["live", "teach", "record"]) at(id).hidden = id !== mode;
    at("drawn").hidden = !plays || posts;
    at("sent").hidden = !plays || !posts;
    at("camera").hidden = !this.stream;
    at("camera").classList.toggle("behind", Boolean(plays));
    at("again").hidden = !posts || mode !== "live";
    at("off").hidden = mode !== "record" || !plays || this.recording;
    const main = at("main"), records = mode === "record" && plays;
    main.textContent = records ? (this.recording ? "Stop and add" : "Record") : this.isOn ? "Stop" : "Start the camera";
    main.className = `main${records ? " records" : this.isOn ? " stops" : ""}`;
    const idle = this.isOn ? "Connecting …" : "Start the camera, and hold the seam before it.";
    verdict({
      parentElement: at("verdict"),
      data: {
        address: `${API}/live`, token: this.token, plays: Boolean(plays), posts, shows: `${this.runs}`, idle, learned: "", rows: setup.rows,
        video: () => at("drawn"),
        camera: () => (mode === "record" ? null : this.stream?.getVideoTracks()[0]), // a recording keeps its rate
      },
    });
    this.showAnswers(Boolean(plays));
  }

  showAnswers(plays) {
    const { workspace, answers, rates, rate, least } = this.setup;
    at("answers-place").hidden = !this.name;
    at("named").hidden = !this.name || plays;
    at("name-shown").textContent = `Labels of ${this.name}`;
    at("name-change").hidden = at("name-label").hidden = !this.setup.asksName;
    if (this.name) at("name-label").hidden = true;
    const isTeaching = plays && this.mode === "teach";
    teach({
      parentElement: at("answers-place"),
      data: { address: `${API}/teach`, workspace, token: this.token, annotator: this.name, answers, plays: isTeaching, rates, rate, least, follows: true },
    });
  }
}

function explain(problem, link = "") {
  at("note").classList.add("bad");
  at("note").textContent = problem;
  if (link) at("note").append(" ", Object.assign(document.createElement("a"), { href: link, textContent: link }));
}

check({ parentElement: at("check-place"), data: { address: HERE, camera: true } });
at("check-open").onclick = () => at("check").showModal();
const secure = secureAddress(window);
if (secure) explain("Browsers give no camera to this address, because it begins with http. Open", secure);
else {
  try {
    const response = await fetch(`${HERE}/setup`), setup = await response.json();
    if (response.ok) new Phone(setup);
    else explain(setup.error ?? "Open SeamLens once, then come back.");
  } catch {
    explain("The server does not answer. Are you in its network? Then reload the page.");
  }
}
