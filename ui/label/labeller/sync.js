/* Labels on their way to the database. None is lost: each stays in the browser's storage until the server has
 * acknowledged it, over reloads and restarts of either. Each has an id, so that sending it twice stores it once. */

import { uuid } from "./dom.js";
import { forget, keysBelow, read, store } from "./storage.js";

const RETRY = 2000; // milliseconds
const BEAT = 4000; // between messages to the server when there is nothing to send
const ORPHANED = 15000; // an open stretch that its page has not touched for so long is taken over by another
const BATCH = 400; // events in one request
const PAUSE = 100; // milliseconds between two times that growing stretches are written to the storage

/** What the storage did not take, by key: it outlives a queue as long as the page is open. */
const unstored = new Map();

function keep(key, entry) {
  const whole = { ...entry, touched: Date.now() };
  if (store(key, whole)) unstored.delete(key);
  else unstored.set(key, whole);
}

function drop(key) {
  unstored.delete(key);
  forget(key);
}

/** Return `[key, entry]` of all that an earlier page, or this one, has left below a prefix, oldest first. */
function left(prefix) {
  const entries = new Map([...keysBelow(prefix).map((key) => [key, read(key)]), ...unstored]);
  return [...entries].filter(([key, entry]) => key.startsWith(prefix) && entry?.event?.id).sort(byKey);
}

const byKey = ([a], [b]) => (a < b ? -1 : 1);

export class SyncQueue {
  /** `send(body, options)` posts to the server; `place()` tells where the annotator is; `heard(answer, sent, place)` gets the
   *  server's answers; `changed()` is called when something was added, acknowledged or failed; `adopted()` when labels were
   *  taken over that another page had left behind. */
  constructor(workspace, { send, place, heard, changed, adopted }) {
    Object.assign(this, { workspace, post: send, place, heard, changed, adopted });
    this.prefix = `seamlens|${encodeURIComponent(workspace)}|`;
    this.tab = uuid(); // tells this page from others that are open
    // The clock may have been set back since earlier pages stored theirs: what is new comes after all of it.
    this.last = Math.max(0, ...left(this.prefix).map(([key]) => Number(key.slice(this.prefix.length).split("|")[0]) || 0));
    this.waiting = new Map(); // key in storage -> { annotator, event, open }; there it also has when it was `touched`
    this.refused = new Map(); // the same for what the server refused, with `refused`, the reason
    this.problem = ""; // why nothing gets through; empty while all is well
    this.absent = new Set(); // annotators in whose name this page may send nothing: their labels wait in the storage for them
  }

  /** Take over what was left, and call the server every few seconds while the page is in view. */
  start() {
    this.adopt(true);
    this.timer = setInterval(() => this.beat(), BEAT);
    this.send();
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.retry);
    clearTimeout(this.writing);
  }

  get length() {
    return this.waiting.size;
  }

  /** Return the state as the page shows it; `open` stretches still grow, `full` is a storage that did not take everything. */
  get status() {
    const open = [...this.waiting.values()].filter((entry) => entry.open).length;
    const refusals = [...this.refused.values()].map(({ refused }) => refused);
    return { waiting: this.length, open, problem: this.problem, full: unstored.size > 0, refusals };
  }

  /** Take an event and send it, with those of the same key press; the next ones go when the server has answered. */
  add(annotator, event) {
    this.put(annotator, event);
    queueMicrotask(() => this.send());
  }

  put(annotator, event) {
    const [key, entry] = [this.keyOf(event), { annotator, event, open: false }];
    this.waiting.set(key, entry);
    keep(key, entry);
    this.changed();
  }

  /** Hold a stretch that still grows, not sent yet. Call `add` when it ends. It is written to the storage a few times a
   *  second: with every frame, that would slow down playing. */
  hold(annotator, event) {
    this.waiting.set(this.keyOf(event), { annotator, event, open: true });
    this.writing ??= setTimeout(() => this.storeOpen(), PAUSE);
  }

  storeOpen() {
    clearTimeout(this.writing);
    this.writing = undefined;
    for (const [key, entry] of this.waiting) if (entry.open) keep(key, entry);
    this.changed();
  }

  keyOf(event) {
    for (const [key, entry] of this.waiting) if (entry.event.id === event.id) return key;
    this.last = Math.max(Date.now() * 1000, this.last + 1); // the order holds when the clock is set back
    return `${this.prefix}${String(this.last).padStart(18, "0")}|${event.id}`;
  }

  /** Take over what was left in storage: by this page before a reload, and by pages that are gone. */
  adopt(first = false) {
    const { size } = this.waiting;
    for (const [key, entry] of left(this.prefix)) {
      if (this.waiting.has(key) || this.refused.has(key) || this.absent.has(entry.annotator)) continue;
      const orphaned = Math.abs(Date.now() - entry.touched) > ORPHANED; // also where the clock was set back
      if (entry.refused) this.refused.set(key, entry);
      else if (entry.open && orphaned) {
        // With a new id: should its page live after all, what that page sends in the end is longer, and must not pass
        // for something that is stored already.
        drop(key);
        this.put(entry.annotator, { ...entry.event, id: uuid() });
      } else if (!entry.open && (first || orphaned)) this.waiting.set(key, entry);
    }
    if (this.waiting.size > size && !first) this.adopted();
  }

  beat() {
    this.storeOpen();
    this.adopt();
    if (!globalThis.document?.hidden) this.send(true);
  }

  /** Send what waits, one request at a time; with `anyway` also when nothing does, to say that someone is here. */
  async send(anyway = false) {
    if (this.sending || this.closed) return;
    const [batch, place] = [this.batch(), this.place()];
    if (!batch.length && !anyway) return;
    this.sending = true;
    clearTimeout(this.retry);
    try {
      const answer = await this.post(this.body(batch, place));
      this.problem = "";
      this.settle(batch, answer);
      if (!this.closed) this.heard(answer, batch.length, place);
    } catch (error) {
      if (this.isOfAnother(error, batch, place)) this.setAside(batch[0][1].annotator);
      else this.fail(error);
      if (!this.closed) this.retry = setTimeout(() => this.send(true), RETRY);
    }
    this.sending = false;
    this.changed();
    if (!this.problem && this.batch().length) this.send();
  }

  /** Return whether a batch was refused since somebody else has signed in here than the one who labelled. */
  isOfAnother({ status }, batch, place) {
    return status === 403 && batch.length > 0 && batch[0][1].annotator !== place.annotator;
  }

  /** Leave what an annotator labelled in the storage, until a page of theirs sends it. */
  setAside(annotator) {
    this.absent.add(annotator);
    for (const [key, entry] of this.waiting) if (entry.annotator === annotator) this.waiting.delete(key);
  }

  fail(error) {
    this.problem = error.status ? error.message : "gone"; // what the server complains about, or that it does not answer
    this.changed();
  }

  /** Return the oldest entries that belong to one annotator and are not open. */
  batch() {
    const ready = [...this.waiting].filter(([, entry]) => !entry.open).sort(byKey);
    return ready.filter(([, entry]) => entry.annotator === ready[0][1].annotator).slice(0, BATCH);
  }

  body(batch, place) {
    const annotator = batch.length ? batch[0][1].annotator : place.annotator;
    const events = batch.map(([, entry]) => entry.event);
    // What another annotator left behind says nothing of what this one has loaded.
    const seen = annotator === place.annotator ? place.seen : undefined;
    return { ...place, seen, annotator, workspace: this.workspace, tab: this.tab, events };
  }

  /** Take out what was acknowledged, and set aside what was refused: it is handed back to the annotator. */
  settle(batch, { acknowledged, refused }) {
    for (const [key, entry] of batch) {
      const reason = refused[entry.event.id];
      if (!reason && !acknowledged.includes(entry.event.id)) continue;
      this.waiting.delete(key);
      drop(key);
      if (!reason) continue;
      this.refused.set(key, { ...entry, refused: reason });
      keep(key, this.refused.get(key));
    }
  }

  /** Hand over what the server refused; it is no longer stored. */
  takeRefused() {
    const refused = [...this.refused.values()].map(({ annotator, event, refused: reason }) => ({ annotator, event, reason }));
    for (const key of this.refused.keys()) drop(key);
    this.refused.clear();
    this.changed();
    return refused;
  }

  async drained(milliseconds) {
    const end = performance.now() + milliseconds;
    while (this.length && performance.now() < end) await new Promise((wake) => setTimeout(wake, 30));
  }

  /** The page goes away: hand over what can still be handed over; the rest stays in storage. */
  leave() {
    const batch = this.batch();
    if (batch.length) this.post(this.body(batch, this.place()), { keepalive: true }).catch(() => {});
  }
}
