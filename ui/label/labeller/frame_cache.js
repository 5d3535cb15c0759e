/* The frames ahead, fetched and decoded before they are asked for, and no more of them than memory allows. */

const BUDGET = 96e6; // bytes of decoded pictures
const LEAST = 12;
const MOST = 96;
const AT_ONCE = 6; // requests; a browser opens no more to one server

export class FrameCache {
  /** `length` frames of `bytes` each; `address(position)` is where one is; `arrived(position)` is called when it is ready
   *  or missing for good. */
  constructor({ length, bytes, address, arrived }) {
    Object.assign(this, { length, address, arrived });
    this.most = Math.max(LEAST, Math.min(MOST, Math.floor(BUDGET / bytes)));
    this.pictures = new Map(); // position -> ImageBitmap, or an Error where there is no picture
    this.coming = new Map(); // position -> AbortController
    this.wanted = [];
  }

  get(position) {
    return this.pictures.get(position); // undefined while it is on its way
  }

  /** Prepare for `position`: itself, what comes next in `direction`, a few behind, and where a jump would lead. */
  around(position, direction) {
    const steps = [0];
    for (let i = 1; i <= this.most * 0.6; i += 1) steps.push(i, ...(i <= this.most * 0.2 ? [-i] : []));
    const places = [...steps, 10, 100, -10].map((step) => position + step * direction);
    const needed = new Set(places.filter((place) => place >= 0 && place < this.length));
    this.wanted = [...needed];
    for (const [place, controller] of this.coming) if (!needed.has(place)) controller.abort();
    for (const place of this.pictures.keys()) if (this.pictures.size > this.most && !needed.has(place)) this.drop(place);
    this.fetch();
  }

  fetch() {
    for (const place of this.wanted) {
      if (this.coming.size >= AT_ONCE) return;
      if (!this.pictures.has(place) && !this.coming.has(place)) this.bring(place);
    }
  }

  async bring(place) {
    const controller = new AbortController();
    this.coming.set(place, controller);
    try {
      const answer = await fetch(this.address(place), { signal: controller.signal });
      if (answer.status >= 500) throw new TypeError("the server is not ready");
      const picture = answer.ok ? await createImageBitmap(await answer.blob()) : await reason(answer);
      if (controller.signal.aborted) picture.close?.();
      else this.pictures.set(place, picture);
    } catch (error) {
      if (error.name === "InvalidStateError") this.pictures.set(place, new Error("The picture cannot be read."));
      else if (!controller.signal.aborted) await new Promise((wake) => setTimeout(wake, 1000)); // the server is gone
    }
    this.coming.delete(place);
    if (this.pictures.has(place)) this.arrived(place);
    this.fetch();
  }

  drop(place) {
    this.pictures.get(place).close?.();
    this.pictures.delete(place);
  }

  close() {
    this.wanted = [];
    for (const controller of this.coming.values()) controller.abort();
    for (const place of this.pictures.keys()) this.drop(place);
  }
}

async function reason(answer) {
  const { error } = await answer.json().catch(() => ({}));
  return new Error(error ?? "There is no picture of this frame.");
}
