/* The verdict on the Live page and the phone page: asked of the server ten times a second, without a rerun of the page. Where single
 * pictures are sent (post.js) each brings its own verdict, and nothing is asked.
 *
 * It also reads the number at the foot of the picture that is seen when a button or its key is pressed, hides that code, and
 * gives the buttons in the frame of the picture the looks of the app. */

const PAUSE = 100, AWAY = 1000; // milliseconds from one question to the next; and while the page is hidden
const SECONDS = 10; // of a strip
const RULER = "stitch length"; // the row of the stitch ruler
const CLOCKS = 20, CALM = 1000; // answers of which the fastest tells how far the server's clock is ahead; ms from one text to the next
const ROWS = 8, BITS = 16; // of the code: see core/live/picture_code.py

/** Return the number of a code from its 16 brightnesses, 0 to 255, from left to right; -1 where it is none. */
export function numberOf(values) {
  const bits = values.reduce((sum, value) => sum * 2 + (value > 127 ? 1 : 0), 0);
  const number = bits >> 4;
  return ((number ^ (number >> 4) ^ (number >> 8) ^ 5) & 15) === (bits & 15) ? number : -1;
}

/** Return how many seconds the server's clock is ahead, of answers `{ began, ended, clock }` in seconds: the fastest tells it best. */
export function aheadOf(answers) {
  const fastest = answers.reduce((one, other) => (other.ended - other.began < one.ended - one.began ? other : one));
  return fastest.clock - (fastest.began + fastest.ended) / 2;
}

/** Return the seconds since 1970 of a moment of `performance`: a clock that never jumps, and that of WebRTC. */
const secondsOf = (moment) => (performance.timeOrigin + moment) / 1000;

/** Return a probability in whole percent: only what is sure is 100 %. */
export function percent(share) {
  const whole = Math.round(100 * share);
  return `${share < 1 && whole === 100 ? 99 : share > 0 && whole === 0 ? 1 : whole} %`;
}

/** Append the rows of a moment to a trace, and forget what is older than a strip, or lies ahead after a step back. */
export function remember(trace, time, rows) {
  while (trace.length && trace.at(-1).time >= time) trace.pop();
  trace.push({ time, values: rows && Object.fromEntries(rows.map((row) => [row.name, row.probability])) });
  while (time - trace[0].time > SECONDS) trace.shift();
}

/** Return the lines of a strip, "x,y …" in 100 by 24, now at the right; what was not judged is a gap. */
export function lines(trace, name) {
  const now = trace.at(-1)?.time ?? 0, found = [[]];
  for (const { time, values } of trace) {
    if (values?.[name] === undefined) found.push([]);
    else found.at(-1).push(`${(100 - ((now - time) / SECONDS) * 100).toFixed(1)},${(23 - 22 * values[name]).toFixed(1)}`);
  }
  return found.filter((points) => points.length > 1).map((points) => points.join(" "));
}

/** Return a trace of lengths as one of shares: the longest of late lies near the top, so that one of twice the length stands out. */
export function scaled(trace) {
  const most = Math.max(...trace.map(({ values }) => values?.[RULER] ?? 0));
  return trace.map(({ time, values }) => ({ time, values: values && { [RULER]: values[RULER] / (1.25 * most) } }));
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  Object.assign(made, { className, textContent: text });
  return made;
}

function svg(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const LOOKS = `
  .MuiButton-root { font: 500 1rem var(--font) !important; text-transform: none !important; letter-spacing: normal !important; box-shadow: none !important;
    border-radius: .6rem !important; padding: .4rem 1.1rem !important; min-height: 2.5rem; border: 1px solid var(--line) !important;
    background: var(--ground) !important; color: var(--ink) !important; }
  .MuiButton-containedPrimary, .MuiButton-contained:not(.MuiButton-containedError) { background: color-mix(in srgb, var(--primary) 82%, #000) !important; color: #fff !important; border-color: transparent !important; }
  .MuiButton-root.Mui-disabled { opacity: .5; }
  .MuiButton-root:focus-visible { outline: 2px solid var(--primary); outline-offset: -4px; }
  .MuiButton-contained:focus-visible { outline-color: #fff; }`;

/** Return the faces of the app's font as a style: the frame knows no fonts of the page. */
function faces(family) {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule && family.includes(rule.style.getPropertyValue("font-family").replaceAll('"', "")))
        .map((rule) => rule.cssText.replace(/url\("?([^")]+)"?\)/g, (_, url) => `url("${new URL(url, sheet.href ?? document.baseURI)}")`));
    } catch { // a style of another server
      return [];
    }
  });
  return rules.join("\n");
}

class Verdict {
  constructor(root) {
    this.root = root;
    this.trace = [];
    this.words = element("p", "words");
    this.words.ariaLabel = "Verdict";
    this.side = element("div", "head"); // properties and a note
    const head = element("div", "head");
    this.pace = element("p", "pace");
    this.rows = element("div", "rows");
    this.answers = [];
    this.lengths = [];
    head.append(this.words, this.side);
    root.replaceChildren(head, this.pace, this.rows);
    this.listening = new AbortController();
    const listen = (kind, act) => document.addEventListener(kind, act, { capture: true, signal: this.listening.signal });
    listen("pointerdown", (event) => event.target.closest?.(".st-key-live_freeze, .st-key-live_send, .st-key-live_save") && this.tell());
    listen("keydown", (event) => this.onKey(event));
    listen("seamlens-verdict", ({ detail }) => this.take(detail));
    this.ask();
  }

  update(data) {
    if (data.shows !== this.data?.shows) [this.trace, this.lengths, this.ruler] = [[], [], null];
    this.data = data;
    if (!data.plays) this.idle();
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.listening.abort();
    this.root.replaceChildren();
  }

  idle() {
    this.say("long quiet", this.data.idle);
    this.side.replaceChildren();
    this.pace.textContent = "";
    this.answers = [];
    if (!this.rows.childElementCount) this.showRows(this.data.rows);
  }

  async ask() {
    const began = performance.now();
    this.dress();
    if (this.data?.plays && !this.data.posts && !document.hidden) {
      this.watch();
      const shown = this.shown && this.answers.length ? { shown: [...this.shown, aheadOf(this.answers)] } : {};
      this.shown = undefined;
      await this.post(shown);
    }
    if (this.closed) return;
    const pause = document.hidden || !this.data?.plays ? AWAY / 2 : Math.max(20, PAUSE - (performance.now() - began));
    this.timer = setTimeout(() => this.ask(), pause);
  }

  async post(more) {
    try {
      const body = JSON.stringify({ token: this.data.token, ...more }), began = secondsOf(performance.now());
      const response = await fetch(this.data.address, { method: "POST", body, headers: { "Content-Type": "application/json" }, keepalive: true });
      const ended = secondsOf(performance.now()), answer = await response.json();
      if (this.closed || !response.ok || answer.idle || !this.data.plays) return;
      this.answers = [...this.answers, { began, ended, clock: answer.clock }].slice(-CLOCKS);
      this.show(answer);
      this.slow(answer.rate);
    } catch { // the server is away; Streamlit says so
    }
  }

  /** Show the verdict of a picture that was sent by itself. */
  take(answer) {
    if (!this.data?.plays || !this.data.posts) return;
    this.posted = answer.number;
    this.show(answer);
  }

  onKey(event) {
    const typing = event.composedPath()[0]?.closest?.("input:not([type=range], [type=checkbox], [type=radio]), textarea, [role=dialog]");
    if (["f", "s"].includes(event.key) && !event.repeat && !event.ctrlKey && !event.metaKey && !typing) this.tell();
  }

  /** Tell the server which picture is seen now. */
  tell() {
    const seen = this.data?.plays ? this.seen() : -1;
    if (seen >= 0) this.post({ seen });
  }

  /** Note when the next picture is shown, and which it is; one for each question. */
  watch() {
    const video = this.video;
    if (!video?.requestVideoFrameCallback || this.isWatching) return;
    this.isWatching = true;
    video.requestVideoFrameCallback(() => {
      this.isWatching = false;
      const now = performance.now(), number = this.seen(); // not what the callback is given: that is by the clock of the video's frame
      if (number >= 0) this.shown = [number, secondsOf(now)];
    });
  }

  /** Let the camera give so many pictures a second at most. */
  slow(rate) {
    const track = this.camera;
    if (!rate || !track || track.readyState !== "live" || (this.asked?.track === track && this.asked.rate === rate)) return;
    this.asked = { track, rate };
    const { frameRate, ...others } = track.getConstraints();
    track.applyConstraints({ ...others, frameRate: { ...frameRate, max: rate } }).catch(() => {}); // a camera that cannot stays as it is
  }

  /** Know the camera that the frame of the picture opens. */
  follow(devices) {
    if (!devices?.getUserMedia || devices.seamlens) return;
    const open = devices.getUserMedia.bind(devices), known = (devices.seamlens = {});
    devices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      [known.camera] = stream.getVideoTracks();
      return stream;
    };
  }

  get camera() {
    return this.data.camera?.() ?? this.inside?.defaultView?.navigator.mediaDevices?.seamlens?.camera;
  }

  get inside() {
    return document.querySelector('iframe[src*="streamlit_webrtc"]')?.contentDocument;
  }

  get video() {
    return this.data?.video?.() ?? this.inside?.querySelector("video");
  }

  seen() {
    if (this.data.posts) return this.posted ?? -1;
    const video = this.video;
    if (!video?.videoHeight) return -1;
    this.canvas ??= Object.assign(element("canvas", ""), { width: BITS, height: 1 });
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    const step = video.videoWidth / BITS;
    for (let bit = 0; bit < BITS; bit++) context.drawImage(video, (bit + 0.4) * step, video.videoHeight - ROWS + 3, step / 5, 2, bit, 0, 1, 1);
    const pixels = context.getImageData(0, 0, BITS, 1).data;
    return numberOf(Array.from({ length: BITS }, (_, bit) => pixels[4 * bit + 1]));
  }

  /** Hide the code, and dress the buttons of the frame. */
  dress() {
    const inside = this.inside, video = inside?.querySelector("video");
    if (video?.videoHeight) {
      const clip = `inset(0 0 ${((100 * (ROWS + 1)) / video.videoHeight).toFixed(2)}% 0 round .6rem)`;
      if (video.style.clipPath !== clip) video.style.clipPath = clip;
    }
    if (!inside?.head) return;
    this.follow(inside.defaultView?.navigator.mediaDevices);
    const theme = getComputedStyle(this.root);
    const colours = { primary: "--st-primary-color", ground: "--st-background-color", ink: "--st-text-color", line: "--st-border-color", font: "--st-font" };
    for (const [name, variable] of Object.entries(colours)) inside.documentElement.style.setProperty(`--${name}`, theme.getPropertyValue(variable));
    if (inside.getElementById("seamlens")) return;
    inside.head.append(Object.assign(element("style", "", `${faces(theme.getPropertyValue("--st-font"))}\n${LOOKS}`), { id: "seamlens" }));
  }

  say(kind, text) {
    if (this.words.className === `words ${kind}` && this.words.textContent === text) return;
    this.words.className = `words ${kind}`;
    this.words.replaceChildren(text);
  }

  show(answer) {
    if (!answer.is_frozen && answer.state !== "trouble") remember(this.trace, answer.time, answer.state === "judged" ? answer.rows : null);
    if (answer.words?.length) this.showWords(answer.words);
    else this.say(answer.headline.length > 24 ? "long" : "", answer.headline);
    this.measure(answer);
    const badges = answer.properties.map(({ words, colour }) => {
      const badge = element("span", "badge", words);
      badge.style.setProperty("--colour", colour);
      return badge;
    });
    const why = answer.state === "new" ? this.data.learned : "";
    const note = [answer.is_frozen ? "frozen" : "", answer.note, why].filter(Boolean).join(" · ");
    this.side.replaceChildren(...badges, ...(note ? [element("span", "note", note)] : []));
    this.showRows(answer.rows.length ? answer.rows : this.data.rows);
    this.showPace(answer.pace ?? "");
  }

  /** Keep the length of the stitches: the next rows show it. */
  measure({ ruler, is_frozen, time }) {
    if (is_frozen) return;
    this.ruler = ruler;
    remember(this.lengths, time, ruler ? [{ name: RULER, probability: ruler.value }] : null);
  }

  /** Return the row of the stitch ruler, empty where no seam is clear. */
  rulerRow() {
    const made = element("div", "row ruler"), label = element("div", "label");
    label.append(element("span", "name", RULER), element("span", "value", this.ruler?.words ?? "–"));
    const strip = svg("svg", { viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" });
    strip.append(...lines(scaled(this.lengths), RULER).map((points) => svg("polyline", { points })));
    made.append(label, element("div", "gap"), strip, element("div", "said", this.ruler?.note ?? ""));
    return made;
  }

  /** Show how far the picture is behind; not anew with every picture, so that it can be read. */
  showPace(text) {
    const now = performance.now();
    if (this.pace.textContent === text || (now - this.paced < CALM && this.pace.textContent)) return;
    this.paced = now;
    this.pace.textContent = text;
  }

  showWords(words) {
    this.words.className = "words";
    this.words.replaceChildren(...words.map(({ words, probability, colour }) => {
      const made = element("span", "word", words);
      made.style.setProperty("--colour", colour);
      made.append(element("b", "", percent(probability)));
      return made;
    }));
  }

  showRows(rows) {
    this.rows.replaceChildren(...rows.map((row) => {
      const made = element("div", row.decided ? "row yes" : "row"), label = element("div", "label"), bar = element("div", "bar");
      made.style.setProperty("--colour", row.colour);
      const isJudged = row.probability !== undefined;
      label.append(element("span", "name", row.name), element("span", "value", isJudged ? percent(row.probability) : "–"));
      const fill = element("span", "fill"), mark = element("span", "mark");
      fill.style.width = `${100 * (row.probability ?? 0)}%`;
      mark.style.left = `calc(${100 * (row.threshold ?? 0.5)}% - 1px)`;
      mark.title = "From here on it says yes";
      bar.append(fill, ...(isJudged ? [mark] : []));
      const strip = svg("svg", { viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" });
      strip.append(...lines(this.trace, row.name).map((points) => svg("polyline", { points })));
      const said = element("div", "said", [row.words, row.note].filter(Boolean).join(", "));
      made.append(label, bar, strip, said);
      return made;
    }), this.rulerRow());
  }
}

/** Called by the Streamlit component whenever the page runs. */
export default function ({ parentElement, data }) {
  let root = parentElement.querySelector(".verdict");
  if (!root) {
    root = element("div", "verdict");
    parentElement.append(root);
  }
  const call = (parentElement.verdictCall = {});
  parentElement.verdict ??= new Verdict(root);
  parentElement.verdict.update(data);
  return () => {
    if (parentElement.verdictCall !== call) return; // a later call has taken over
    parentElement.verdict?.close();
    parentElement.verdict = undefined;
  };
}
