/* Labels on their way to the database. None is lost: each is kept in the browser's storage until the server has
 * acknowledged it, over reloads and restarts of either. Each has an id, so that sending it twice stores it once. */

const RETRY = 2000; // milliseconds
const BEAT = 4000; // between words to the server when there is nothing to send
const ORPHANED = 15000; // an open stretch that its page has not touched for so long is taken over by another
const MOST = 400; // events in one request

export class Outbox {
  /** `ask` is a client of the server; `place()` says where the annotator is; `heard(answer, sent, place)` is told
   *  what the server says; `changed()` is called when something was added, acknowledged or went wrong. */
  constructor({ ask, workspace, place, heard, changed }) {
    Object.assign(this, { ask, workspace, place, heard, changed });
    this.prefix = `seamlens|${encodeURIComponent(workspace)}|`;
    this.tab = sessionStorage.getItem("seamlens-tab") ?? String(Math.random()).slice(2);
    keep(sessionStorage, "seamlens-tab", this.tab);
    this.waiting = new Map(); // key in storage -> { annotator, event, open, tab, touched }, in the order of the keys
    this.refused = [];
    this.problem = ""; // why nothing gets through; empty while all is well
    this.full = false; // the browser's storage takes no more
    this.sending = false;
    this.adopt(true);
    this.timer = setInterval(() => this.beat(), BEAT);
    this.send();
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.retry);
  }

  /** Return how many events wait for the server; an open stretch counts. */
  get length() {
    return this.waiting.size;
  }

  /** Return how many stretches still grow. */
  get open() {
    return [...this.waiting.values()].filter((entry) => entry.open).length;
  }

  /** Take an event and send it; the first at once, the next ones together when the server has answered. */
  add(annotator, event) {
    this.put(this.keyOf(event), { annotator, event, open: false });
    this.send();
  }

  /** Keep a stretch that still grows: safe in storage, not sent yet. Call `add` when it ends. */
  hold(annotator, event) {
    this.put(this.keyOf(event), { annotator, event, open: true });
  }

  keyOf(event) {
    for (const [key, entry] of this.waiting) if (entry.event.id === event.id) return key;
    this.count = (this.count ?? 0) + 1;
    const order = `${Date.now()}`.padStart(15, "0") + `${this.count}`.padStart(6, "0");
    return `${this.prefix}${order}|${event.id}`;
  }

  put(key, entry) {
    const whole = { ...entry, tab: this.tab, touched: Date.now() };
    this.waiting.set(key, whole);
    this.full = !keep(localStorage, key, JSON.stringify(whole));
    this.changed();
  }

  /** Take over what was left in storage: by this page before a reload, and by pages that are gone. */
  adopt(first = false) {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix) && !this.waiting.has(key));
    for (const key of keys.sort()) {
      const entry = parsed(localStorage.getItem(key));
      if (!entry) continue;
      const mine = first && entry.tab === this.tab;
      if (entry.open ? mine || Date.now() - entry.touched > ORPHANED : first || Date.now() - entry.touched > ORPHANED) {
        this.waiting.set(key, { ...entry, open: false });
      }
    }
  }

  beat() {
    for (const [key, entry] of this.waiting) if (entry.open) this.put(key, entry);
    this.adopt();
    if (!document.hidden) this.send(true);
  }

  /** Send what waits, one request at a time; with `anyway` also when nothing does, to say that someone is here. */
  async send(anyway = false) {
    if (this.sending) return;
    const batch = this.batch();
    if (!batch.length && !anyway) return;
    this.sending = true;
    clearTimeout(this.retry);
    const place = this.place();
    try {
      this.taken(batch, await this.post(batch, place), place);
    } catch (error) {
      this.problem = error.status ? error.message : "gone";
      this.retry = setTimeout(() => this.send(true), RETRY);
    }
    this.sending = false;
    this.changed();
    if (!this.problem && this.batch().length) this.send();
  }

  /** Return the oldest entries that belong to one annotator and are not open. */
  batch() {
    const ready = [...this.waiting].filter(([, entry]) => !entry.open).sort(([a], [b]) => (a < b ? -1 : 1));
    return ready.filter(([, entry]) => entry.annotator === ready[0][1].annotator).slice(0, MOST);
  }

  post(batch, place, options = {}) {
    const annotator = batch.length ? batch[0][1].annotator : place.annotator;
    const events = batch.map(([, entry]) => entry.event);
    // What another annotator left behind says nothing of what this one has seen.
    const seen = annotator === place.annotator ? place.seen : undefined;
    const body = JSON.stringify({ ...place, seen, annotator, workspace: this.workspace, tab: this.tab, events });
    return this.ask("/labels", { method: "POST", body, headers: { "Content-Type": "application/json" }, ...options });
  }

  taken(batch, answer, place) {
    this.problem = "";
    const settled = new Set([...answer.acknowledged, ...Object.keys(answer.refused)]);
    for (const [key, entry] of batch) {
      const { id } = entry.event;
      if (!settled.has(id)) continue;
      this.waiting.delete(key);
      localStorage.removeItem(key);
      if (answer.refused[id]) this.refused.push({ event: entry.event, reason: answer.refused[id] });
    }
    this.heard(answer, batch.length, place);
  }

  /** The page goes away: hand over what can still be handed over; the rest stays in storage. */
  leave() {
    const batch = this.batch();
    if (batch.length) this.post(batch, this.place(), { keepalive: true }).catch(() => {});
  }
}

function keep(storage, key, value) {
  try {
    storage.setItem(key, value);
    return true;
  } catch {
    return false; // full, or forbidden: the labels are still in memory
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
