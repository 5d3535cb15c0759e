/* Teaching from the camera: while a button or a key is held, the server takes pictures of the stream with that answer.
 *
 * The page says again and again what is held; where it says nothing any more, the server ends it. */

const BEAT = 500; // milliseconds between two words of the page
const FIRST = 2; // words after a release, until all is stored

/** What is held, in the order in which it was pressed: ids of answers by what holds them (a key, a pointer). */
export class Holds {
  constructor() {
    this.by = new Map();
  }

  /** Hold the answer `id` by `what`; return whether that is new. */
  press(what, id) {
    if (this.by.has(what)) return false; // a key repeats
    this.by.set(what, id);
    return true;
  }

  release(what) {
    return this.by.delete(what);
  }

  clear() {
    const some = this.by.size > 0;
    this.by.clear();
    return some;
  }

  get ids() {
    return [...new Set(this.by.values())];
  }
}

/** Return the index of the answer that a key means, -1 for none: with shift the answer is false, where that can be held. */
export function answerOf(answers, { key, code, shiftKey, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey) return -1;
  const digit = /^Digit(\d)$/.exec(code ?? "")?.[1]; // with shift a digit is another character
  return answers.findIndex((each) => (each.key === key.toLowerCase() || each.key === digit) && each.value !== Boolean(shiftKey));
}

/** Return a count in words, such as "1 frame". */
export const frames = (count) => `${count.toLocaleString("en")} ${count === 1 ? "frame" : "frames"}`;

/** Return the one sentence below the buttons: what is wrong, else what was reached, else what to do.
 *
 * `answer` is that of the server, `page` has `plays`, `least`, `follows` and `isHeld`. */
export function sentence(answer, { plays, least, follows, isHeld }) {
  if (answer.problem) return answer.problem;
  if (!plays) return answer.counts?.length ? "The camera has stopped. What was taken is saved." : "Press Start, then hold a button, or its key, while the seam passes.";
  if (isHeld && answer.sees === false) return "The camera gives no picture.";
  if (answer.skipped) return `${frames(answer.skipped)} were not taken: the disk is slow, or somebody adds a video.`;
  if (answer.learning || answer.waiting) return "Learning …";
  if (answer.network) return `Learned. ${answer.network}.${follows ? "" : " Choose Instant network on the right to see it here."}`;
  if (answer.counts?.length) return `It learns from ${least} frames with and ${least} without an attribute.`;
  return "Hold a button, or its key, while the seam passes: the camera’s pictures are saved with that answer.";
}

/** Return whether a key press is meant for a text field, a menu or a dialog. */
function elsewhere(event) {
  const target = event.composedPath()[0];
  const other = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true], dialog, [role=dialog], [role=listbox]";
  return target instanceof Element && Boolean(target.closest(other));
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  Object.assign(made, { className, textContent: text });
  return made;
}

class Teach {
  constructor(root) {
    this.root = root;
    this.holds = new Holds();
    this.answer = {};
    this.queue = []; // words that wait for the one on its way
    this.afterwards = FIRST;
    this.listening = new AbortController();
    const { signal } = this.listening;
    const listen = (target, kinds, act) => kinds.forEach((kind) => target.addEventListener(kind, act, { capture: true, signal }));
    listen(document, ["keydown"], (event) => this.onKey(event));
    listen(document, ["keyup"], ({ code }) => this.release(code));
    listen(window, ["blur"], () => setTimeout(() => this.leave())); // into the frame of the picture is no leaving
    listen(window, ["pagehide"], () => this.letGo());
    listen(document, ["visibilitychange"], () => document.hidden && this.letGo());
    this.timer = setInterval(() => this.beat(), BEAT);
  }

  /** Take over what the page says; the buttons stay unless the answers have changed. */
  update(data) {
    const before = this.data;
    this.data = data;
    const drawn = (of) => JSON.stringify([of?.answers, of?.annotator, of?.workspace]);
    if (drawn(before) !== drawn(data)) this.build();
    if (!data.plays) this.letGo();
    this.afterwards = FIRST;
    this.show();
  }

  close() {
    this.letGo();
    this.closed = true;
    clearInterval(this.timer);
    this.listening.abort();
    this.root.replaceChildren();
  }

  build() {
    this.letGo();
    const { answers, rates, rate } = this.data;
    this.buttons = answers.map((each, id) => this.button(each, id));
    this.undo = element("button", "command", "Undo");
    this.undo.append(element("kbd", "", "z"));
    Object.assign(this.undo, { type: "button", title: "Takes the labels of the last stretch back; its frames stay, unlabelled.", onclick: () => this.takeBack() });
    this.rate = element("select", "rate");
    this.rate.ariaLabel = "Frames per second";
    this.rate.append(...rates.map((each) => new Option(`${each} a second`, each, each === rate, each === rate)));
    this.rate.onchange = () => this.rate.blur();
    this.status = element("p", "status");
    this.status.setAttribute("role", "status");
    const answersRow = element("div", "answers"), foot = element("div", "foot");
    answersRow.append(...this.buttons);
    foot.append(this.undo, this.rate, this.status);
    this.root.replaceChildren(answersRow, foot);
  }

  button({ title, value, key, colour, meaning }, id) {
    const made = element("button", "answer");
    made.type = "button";
    made.title = meaning;
    made.style.setProperty("--colour", colour);
    const cap = element("kbd", "", value ? key : `⇧${key}`);
    const words = element("span", "name", title);
    made.append(words, cap, element("span", "count"));
    const release = ({ pointerId }) => this.release(pointerId);
    made.onpointerdown = (event) => {
      if (event.button > 0) return;
      event.preventDefault();
      made.setPointerCapture(event.pointerId);
      this.press(event.pointerId, id);
    };
    made.onpointerup = made.onpointercancel = made.onlostpointercapture = release;
    made.oncontextmenu = (event) => event.preventDefault(); // a long press on a phone
    made.onkeydown = (event) => {
      if (![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      this.press(event.code, id);
    };
    return made;
  }

  onKey(event) {
    if (event.metaKey) this.letGo(); // macOS tells of no key that goes up while Cmd is down
    if (event.isComposing || elsewhere(event)) return;
    const id = answerOf(this.data.answers, event);
    const isUndo = event.key === "z" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((id < 0 && !isUndo) || !this.data.plays) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (id >= 0) this.press(event.code, id);
    else if (!event.repeat) this.takeBack();
  }

  press(what, id) {
    if (this.data.plays && this.holds.press(what, id)) this.say();
  }

  release(what) {
    if (this.holds.release(what)) this.say();
  }

  letGo() {
    if (this.holds.clear()) this.say();
  }

  leave() {
    if (!document.hasFocus()) this.letGo();
  }

  takeBack() {
    this.holds.clear();
    this.say({ undo: true });
  }

  beat() {
    this.leave();
    const { waiting, learning } = this.answer;
    const isBusy = this.holds.by.size > 0 || waiting || learning;
    if (isBusy) this.afterwards = FIRST;
    if ((isBusy || this.afterwards-- > 0) && !this.queue.length) this.say();
  }

  /** Tell the server what is held; words go one after the other, so that none overtakes another. */
  say(more = {}) {
    const { workspace, token, annotator, answers } = this.data;
    const held = this.holds.ids.map((id) => [answers[id].name, answers[id].value]);
    this.queue.push({ workspace, token, annotator, held, rate: Number(this.rate.value), ...more });
    this.afterwards = FIRST;
    this.show();
    if (this.queue.length === 1) this.send();
  }

  async send() {
    while (this.queue.length) {
      try {
        const body = JSON.stringify(this.queue[0]);
        const headers = { "Content-Type": "application/json" };
        const response = await fetch(this.data.address, { method: "POST", body, headers, keepalive: true });
        const answer = await response.json();
        if (response.ok) this.answer = answer;
        else this.refuse(answer.error);
      } catch {
        this.refuse("The server does not answer. What was taken until now is saved.");
      }
      this.queue.shift();
      if (!this.closed) this.show();
    }
  }

  refuse(problem) {
    this.answer = { ...this.answer, problem };
    this.holds.clear();
  }

  show() {
    if (!this.buttons) return;
    const { answers, plays, least, follows } = this.data;
    const held = new Set(this.holds.ids);
    this.buttons.forEach((button, id) => {
      const { name, value } = answers[id];
      const count = this.answer.counts?.find(([other, its]) => other === name && its === value)?.[2] ?? 0;
      button.ariaPressed = held.has(id);
      button.disabled = !plays;
      button.querySelector(".count").textContent = count || held.has(id) ? `· ${frames(count)}` : "";
    });
    this.undo.disabled = !this.answer.canUndo;
    this.status.textContent = sentence(this.answer, { plays, least, follows, isHeld: held.size > 0 });
    this.status.classList.toggle("bad", Boolean(this.answer.problem));
  }
}

/** Called by the Streamlit component whenever the page runs. */
export default function ({ parentElement, data }) {
  let root = parentElement.querySelector(".teach");
  if (!root) {
    root = element("div", "teach");
    parentElement.append(root);
  }
  const call = (parentElement.teachCall = {});
  parentElement.teach ??= new Teach(root);
  parentElement.teach.update(data);
  return () => {
    if (parentElement.teachCall !== call) return; // a later call has taken over
    parentElement.teach?.close();
    parentElement.teach = undefined;
  };
}
