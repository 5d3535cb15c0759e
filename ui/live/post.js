/* A camera of this browser, and single pictures of it for networks that let no live video through: one on its way at a time, always
 * the newest. Both the Live page and the phone page use it. */

export const PATIENCE = 8000; // milliseconds in which live video must connect
const SIDE = 640, QUALITY = 0.85; // of a picture: pixels of its longer side; JPEG
const PACE = 250, REST = 1000, LATE = 15000; // milliseconds from picture to picture; after a failure; until an answer is given up
const COUNTED = 12; // pictures over which the rate is taken

export const VERDICT = "seamlens-verdict"; // the event that tells the verdict of a picture
const CAMERA = {
  NotAllowedError: "The camera was not allowed. Allow it in the settings of this page, next to its address, then try again.",
  SecurityError: "The camera was not allowed. Allow it in the settings of this page, next to its address, then try again.",
  NotFoundError: "This device has no camera that the browser can use.",
  NotReadableError: "Another app or tab uses the camera. Close it, then try again.",
  AbortError: "The camera did not start. Close other apps that use it, then try again.",
};

/** Return why the camera did not open, in a sentence or two. */
export const cameraProblem = (error) => CAMERA[error.name] ?? `The camera did not start (${error.message || error.name}).`;

/** Return the same address by HTTPS, where this one is none that browsers give a camera to; else an empty text. */
export function secureAddress({ isSecureContext, location }) {
  return isSecureContext ? "" : `https://${location.host}${location.pathname}`;
}

/** Return the size of a picture of `width` by `height` whose longer side has at most 640 pixels. */
export function sizeOf(width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  return [Math.round(width * scale), Math.round(height * scale)];
}

/** Return the JSON and the picture (bytes of a JPEG) of an answer: four bytes say how long the JSON is. */
export function parts(content) {
  const length = new DataView(content).getUint32(0);
  return [JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length))), content.slice(4 + length)];
}

/** Return the pictures a second of these times in milliseconds. */
export function rateOf(times) {
  return times.length < 2 ? 0 : (1000 * (times.length - 1)) / Math.max(1, times.at(-1) - times[0]);
}

/** Say why single pictures are sent, and how many. */
export function slowly(rate) {
  const many = rate ? `: about ${rate < 1.5 ? "1" : Math.round(rate)} a second` : "";
  return `Your network blocks live video, so single pictures are sent${many}.`;
}

/** Say how far a picture is behind that was sent at `began` and is shown at `ended`, in milliseconds. */
export const behind = (began, ended) => `${((ended - began) / 1000).toFixed(1)} s behind the camera`;

/** Open the camera at the back, else any. */
export async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("this address is not secure");
  const size = { width: { ideal: SIDE }, height: { ideal: 480 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, facingMode: { ideal: "environment" } } });
  } catch (error) {
    if (error.name !== "OverconstrainedError") throw error;
    return navigator.mediaDevices.getUserMedia({ audio: false, video: true });
  }
}

export const closeCamera = (stream) => stream?.getTracks().forEach((track) => track.stop());

/** Whether a camera gives pictures: in the background a phone takes it away. */
export const isAlive = (stream) => Boolean(stream?.getVideoTracks().some((track) => track.readyState === "live" && !track.muted));

export class Poster {
  /** `video` plays the camera, `image` shows what comes back. `told` has functions: `shown(rate)`, `gone()` (the server has no visit
   * any more), `waits(line)` and `fails(sentence)`. */
  constructor({ address, token, video, image, told }) {
    Object.assign(this, { address, token, video, image, told });
    this.times = [];
    this.canvas = document.createElement("canvas");
    this.run();
  }

  stop() {
    this.stopped = true;
    this.abort?.abort();
    if (this.image.src) URL.revokeObjectURL(this.image.src);
  }

  async run() {
    while (!this.stopped) {
      const began = performance.now();
      const pause = await this.once().catch((error) => this.failed(error));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pause - (performance.now() - began))));
    }
  }

  failed(error) {
    if (!this.stopped) this.told.fails(error.problem ?? "The server does not answer. Trying again …");
    return REST;
  }

  /** Send the newest picture and show what comes back; return the milliseconds until the next. */
  async once() {
    if (document.hidden || !this.video.videoWidth) return PACE;
    this.abort = new AbortController();
    const late = setTimeout(() => this.abort.abort(), LATE);
    const headers = { "Content-Type": "image/jpeg" }, began = performance.now();
    try {
      const body = await this.picture();
      const response = await fetch(`${this.address}?token=${this.token}`, { method: "PUT", body, headers, signal: this.abort.signal });
      if (this.stopped) return 0;
      if (response.status === 410) this.told.gone();
      else if (response.status === 409) this.told.waits((await response.json()).line);
      else if (response.ok) await this.show(await response.arrayBuffer(), began);
      else if (response.status !== 429) throw Object.assign(new Error("refused"), { problem: (await response.json()).error });
      return response.ok ? PACE : REST;
    } finally {
      clearTimeout(late);
    }
  }

  picture() {
    const { canvas, video } = this;
    [canvas.width, canvas.height] = sizeOf(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  async show(content, began) {
    const [{ verdict, number }, jpeg] = parts(content);
    if (this.stopped) return;
    const before = this.image.src, next = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
    this.image.src = next;
    if (before) URL.revokeObjectURL(before);
    this.times = [...this.times, performance.now()].slice(-COUNTED);
    this.image.dataset.pictures = Number(this.image.dataset.pictures ?? 0) + 1;
    document.dispatchEvent(new CustomEvent(VERDICT, { detail: { ...verdict, number, pace: behind(began, performance.now()) } }));
    this.told.shown(rateOf(this.times));
  }
}
