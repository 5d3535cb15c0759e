/* What the benchmark of the labelling page does inside that page: `window.bench`.
 *
 * Keys are dispatched here, since a key that Playwright sends has a journey of its own. A time counts from the moment a
 * key was due, not from the moment the page had time for it: so a page that stands still is not spared. */

(() => {
  const RELAXED = 500; // milliseconds without a request for a frame: the frames ahead are there
  const STUCK = 60000; // milliseconds after which something that does not happen is an error
  const NEAR = 8; // frames up to which one steps instead of playing
  const SPREAD = 0.618; // of a screen's frame from key to key: otherwise all keys would meet the same moment of it
  const SCREEN = 1000 / 60;
  const CODES = { " ": "Space" };

  const now = () => performance.now();
  const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));
  const until = async (due) => due > now() && sleep(Math.ceil(due - now()));
  const drawn = () => new Promise(requestAnimationFrame);

  /* --- the page as it is on screen --- */

  const find = (root) =>
    root.querySelector?.(".stage canvas") ?? [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
  let canvas;
  const stage = () => (canvas = canvas?.isConnected ? canvas : find(document));
  const label = () => stage()?.getAttribute("aria-label") ?? "";
  const frame = () => Number(/^Frame (\d+)/.exec(label())?.[1] ?? -1);
  const waiting = () => !label() || stage().parentElement.classList.contains("waiting");

  async function eventually(check, what) {
    const end = now() + STUCK;
    while (!check()) {
      if (now() > end) throw new Error(`${what} did not happen within ${STUCK} ms; in view: ${label()}`);
      await drawn();
    }
  }

  const shows = (index) => eventually(() => frame() >= index && !waiting(), `frame ${index}`);

  function press(key, shiftKey = false) {
    const code = CODES[key] ?? (key.length === 1 ? `Key${key.toUpperCase()}` : key);
    const about = { key, code, shiftKey, bubbles: true, cancelable: true };
    document.dispatchEvent(new KeyboardEvent("keydown", about));
    document.dispatchEvent(new KeyboardEvent("keyup", about));
  }

  /* --- what goes over the wire --- */

  let fetching = 0; // requests for frames
  let quietSince = 0;
  let requests = 0; // that carried labels
  const acknowledged = new Map(); // index of a frame -> when each of its labels was
  const plain = window.fetch.bind(window);

  window.fetch = async (address, options) => {
    if (/\/labels$/.test(address)) return labelled(address, options);
    if (!/\/frames\//.test(address)) return plain(address, options);
    fetching += 1;
    return plain(address, options).finally(() => {
      fetching -= 1;
      quietSince = now();
    });
  };

  async function labelled(address, options) {
    const answer = await plain(address, options);
    const { events } = JSON.parse(options.body);
    requests += events.length > 0;
    const { acknowledged: ids = [] } = await answer.clone().json();
    for (const { id, first } of events) {
      if (ids.includes(id)) acknowledged.set(first, [...(acknowledged.get(first) ?? []), now()]);
    }
    return answer;
  }

  const relaxed = () => eventually(() => !waiting() && !fetching && now() - quietSince > RELAXED, "fetching the frames ahead");

  /* --- what is measured --- */

  /** Press keys at a steady rate, ready or not; `pressed(turn, due)` is told just before each. */
  async function steadily(count, rate, keyOf, pressed = () => {}) {
    const start = now() + 100;
    for (let turn = 0; turn < count; turn += 1) {
      const due = start + (turn * 1000) / rate + ((turn * SPREAD) % 1) * SCREEN;
      await until(due);
      pressed(turn, due);
      press(keyOf(turn));
    }
  }

  /** Press `n`, and return how long each took until an animation frame found its frame drawn, and until that was over. */
  async function paint(count, rate) {
    const found = { shown: [], presented: [] };
    const open = []; // keys whose frame is not in view yet
    const over = new MessageChannel(); // its message arrives when the animation frame has been painted
    const painted = [];
    over.port1.onmessage = () => found.presented.push(...painted.shift().map((due) => now() - due));
    const look = () => {
      const here = waiting() ? -1 : frame();
      const done = [];
      while (open.length && open[0].index <= here) done.push(open.shift().due);
      found.shown.push(...done.map((due) => now() - due));
      if (done.length) painted.push(done) && over.port2.postMessage(0);
      if (found.presented.length < count) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    const first = frame();
    await steadily(count, rate, () => "n", (turn, due) => open.push({ due, index: first + turn + 1 }));
    await eventually(() => found.presented.length >= count, "the last frame");
    return found;
  }

  /** Save and go on, in turn. */
  const hurry = (frames, rate) => steadily(2 * frames, rate, (turn) => "sn"[turn % 2]);

  /** Press `s` (which moves on), and return how long each took until all labels of its frame were acknowledged. */
  async function acknowledge(count, rate, attributes) {
    const dues = new Map();
    acknowledged.clear();
    const before = requests;
    await steadily(count, rate, () => "s", (_, due) => dues.set(frame(), due));
    const missing = () => [...dues.keys()].filter((index) => (acknowledged.get(index)?.length ?? 0) < attributes);
    await eventually(() => !missing().length, "an acknowledgement");
    const waits = [...dues].map(([index, due]) => Math.max(...acknowledged.get(index)) - due);
    return { waits, requests: requests - before };
  }

  /** A person's fingers: never more than `rate` keys a second. */
  class Fingers {
    constructor(rate) {
      Object.assign(this, { gap: 1000 / rate, keys: 0, next: now() });
    }

    async press(key, shift = false) {
      await until(this.next);
      this.next = now() + this.gap;
      this.keys += 1;
      press(key, shift);
    }

    async spell(letters) {
      for (const letter of letters) await this.press(letter);
    }
  }

  /** Label frame by frame: the letters that change, then `s` (which moves on). `letters[i]` are those of frame i. */
  async function single(letters, rate) {
    const fingers = new Fingers(rate);
    const start = now();
    for (const [turn, changed] of letters.entries()) {
      await shows(turn);
      await fingers.spell(changed);
      await fingers.press("s");
    }
    return { seconds: (now() - start) / 1000, keys: fingers.keys };
  }

  /** Label by painting. `changes` is `[[index, letters], …]`, the first of frame 0; `last` is the last frame. */
  async function painting(changes, last, rate, reaction) {
    const fingers = new Fingers(rate);
    const start = now();
    await fingers.spell(changes[0][1]);
    await fingers.press("S", true);
    for (const [index, letters] of changes.slice(1)) {
      await advance(fingers, index, reaction);
      await fingers.spell(letters);
    }
    if (frame() < last) await fingers.press(" ");
    await shows(last);
    await fingers.press("Escape");
    return { seconds: (now() - start) / 1000, keys: fingers.keys };
  }

  /** Play up to a frame, pause, and step back where that came too late; a short way is stepped. */
  async function advance(fingers, index, reaction) {
    if (index - frame() > NEAR) {
      await fingers.press(" ");
      await shows(index);
      await sleep(reaction);
      await fingers.press(" ");
    }
    while (frame() < index) await fingers.press("n");
    while (frame() > index) await fingers.press("p");
  }

  /** Choose a video in the menu, and return the milliseconds until its first frame is drawn. */
  async function open(id, key) {
    const menu = stage().getRootNode().querySelector("select.video");
    const start = now();
    menu.value = id;
    menu.dispatchEvent(new Event("change"));
    await eventually(() => label().endsWith(` of ${key}`) && !waiting(), `opening ${key}`);
    const opened = now() - start;
    await settle();
    return opened;
  }

  /** Say that every attribute changes in this video, so that no save asks. */
  async function settle() {
    const question = stage().getRootNode().querySelector("dialog.question");
    press("w");
    await eventually(() => question.open, "the question of the whole video");
    for (const choice of question.querySelectorAll(".choice:nth-of-type(3)")) choice.click();
    question.querySelector(".primary").click();
  }

  /** Jump about, `count` times: down from the start, up from the end, and so on; wait for every frame that is met. */
  async function jump(count) {
    for (let turn = 0; turn < count; turn += 1) {
      const upwards = Math.floor(turn / 100) % 2 === 1;
      if (turn % 100 === 0) press(upwards ? "End" : "Home");
      else if (turn % 7) press(upwards ? "PageUp" : "PageDown");
      else press(upwards ? "ArrowLeft" : "ArrowRight", true); // so that each time round there are other frames
      await drawn();
      await eventually(() => !waiting(), "a frame after a jump");
    }
  }

  function heap() {
    window.gc?.();
    return performance.memory.usedJSHeapSize;
  }

  const ready = () => eventually(() => !waiting(), "the first frame");
  window.bench = { ready, relaxed, press, paint, hurry, acknowledge, single, painting, open, jump, heap };
})();
