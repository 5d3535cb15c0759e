/* The controller: one annotator at one video. It holds the state; every command of the page is a method here, and what is
 * on screen follows by the callbacks. */

import { listed, uuid } from "./dom.js";
import { FALSE, LabelTracks, TRUE, UNSET, stretches, toAnswer } from "./label_tracks.js";
import { nextUnfinished } from "./last_position.js";
import { Painter } from "./paint.js";
import { read, readVisit, store, storeVisit } from "./storage.js";
import { Suggestions } from "./suggestions.js";
import { SyncQueue } from "./sync.js";
import { UndoStack } from "./undo.js";
import { CHANGES, OPEN, VideoAnswers, valueOf } from "./video_answers.js";

const PATIENCE = 2000; // milliseconds until a question is asked again
const SOON = 700; // milliseconds until the server is asked whether it has learned

export class Controller {
  /** `settings` come from the page: workspace, annotator, attributes, exclusive, rules, oneOf, suggest. `on` has the callbacks
   *  `changed()`, `moved()` to another frame, `opened(version)` another video, `leaving()` it, and `saved()` labels. */
  constructor(settings, api, lastPosition, on) {
    const { annotator, attributes, exclusive, rules, oneOf = [] } = settings;
    Object.assign(this, { api, lastPosition, on, annotator, exclusive, rules, oneOf });
    this.names = attributes.map(({ name }) => name);
    this.worded = attributes.filter((attribute) => attribute.false).map(({ name }) => name); // of which “no” is something, too
    this.whole = new VideoAnswers(settings); // what holds of all pictures of the video
    this.question = null; // what is asked about the video: { names, first, then }
    this.told = ""; // what the last save has saved, or what a key has changed
    this.touched = new Map(); // name -> the position where it was last answered
    this.videos = [];
    this.tracks = null; // the labels of the video that is open
    this.position = 0;
    this.direction = 1;
    this.suggestions = null;
    this.suggestNote = null; // what the server says about suggestions
    this.suggests = Boolean(settings.suggest);
    this.isChosen = this.suggests; // the annotator has decided whether there are suggestions
    this.visit = `seamlens-source|${settings.workspace}|${annotator}`;
    this.source = readVisit(this.visit) ?? ""; // which network suggests; empty: the better one
    this.sketch = null; // how far the server's instant network is
    this.sees = false; // whether the page shows where that network looks
    this.wanted = "unlabelled"; // which frames . and , go to
    this.kept = `seamlens-options|${settings.workspace}|${annotator}`;
    Object.assign(this, { advances: false, skipsDuplicates: false }, read(this.kept)); // a save shows the next frame; near-duplicates are passed
    this.labelled = new Set(); // frames labelled since the page was opened
    this.others = []; // who else is here
    this.trouble = ""; // what could not be opened
    this.latest = 0; // the number of the latest label on the server that this page has loaded
    this.stale = false; // the server has labels of this video that this page has not
    this.painter = new Painter(this.names, this.exclusive, {
      grow: (stroke, first) => this.grow(stroke, first),
      end: (stroke) => this.ended(stroke),
      commit: (action, patches) => this.undoStack.push(action, patches),
    });
    this.channel = new BroadcastChannel(`seamlens ${settings.workspace}`); // the other tabs of this browser
    this.channel.onmessage = ({ data }) => data === this.annotator && this.sync.send(true);
    this.sync = new SyncQueue(settings.workspace, {
      send: api.send,
      place: () => this.place(),
      heard: (answer, sent, place) => this.heard(answer, sent, place),
      changed: () => on.changed(),
      adopted: () => { this.stale = true; },
    });
  }

  /** Return what is on screen, for the parts that show it; the list of videos counts along. */
  view() {
    const { tracks, position, painter, undoStack, suggestions, suggestNote, suggests, sees, videos, others, trouble, whole, question, told } = this;
    const always = { videos, others, trouble, sync: this.sync.status };
    if (!tracks) return always;
    const [first, last] = this.group();
    const { labelled, answered } = tracks;
    Object.assign(videos.find(({ id }) => id === tracks.video.id) ?? {}, { labelled, answered });
    return {
      ...always, tracks, position, suggestions, suggestNote, suggests, sees, whole, question, told, alike: last - first + 1,
      latchesAll: painter.latched.size > 0 && this.latchable().every((name) => painter.latched.has(name)),
      lacking: this.oneOf.filter((names) => names.every((name) => whole.isSet(name) && !painter.answers.get(name))),
      carried: new Set(this.names.filter((name) => this.isCarried(name))),
      isFinished: this.isFinished(), next: this.isFinished() ? nextUnfinished(videos, tracks.video.id) : null,
      answers: painter.answers, latched: painter.latched, painting: new Set([...painter.active, ...painter.strokes.keys()]),
      conflicts: this.rules.filter((rule) => rule.every((name) => painter.answers.get(name))),
      canUndo: undoStack.done.length > 0 || painter.strokes.size > 0, canRedo: undoStack.undone.length > 0,
    };
  }

  /* --- videos --- */

  async start() {
    this.sync.start();
    const videos = await this.patiently(this.api.videos).catch(() => null);
    if (this.closed || !videos?.length) return;
    this.videos = videos;
    await this.show(this.lastPosition.video(videos).id);
  }

  /** Show a video, where it was left. Of several choices the last one counts. */
  async show(id) {
    this.leave();
    const choice = (this.choice = {});
    const wanted = () => !this.closed && this.choice === choice;
    try {
      const answer = await this.patiently(() => this.api.video(id), wanted);
      if (answer && wanted()) this.open(answer);
    } catch (error) {
      if (!wanted()) return;
      this.trouble = `This video cannot be opened. ${error.message}`;
      this.videos = await this.api.videos().catch(() => [...this.videos]);
      this.on.changed();
    }
  }

  /** Ask until the server answers, as long as `wanted()`; null when it no longer is. What the server refuses is thrown. */
  async patiently(question, wanted = () => !this.closed) {
    while (wanted()) {
      try {
        return await question();
      } catch (error) {
        if (error.status >= 400 && error.status < 500) throw error;
        this.sync.fail(error);
        await new Promise((wake) => setTimeout(wake, PATIENCE));
      }
    }
    return null;
  }

  open(answer) {
    this.leave(); // keys that were pressed meanwhile belong to what was shown until now
    this.tracks = new LabelTracks(answer, this.names);
    this.undoStack = new UndoStack(answer.undoable, answer.redoable);
    Object.assign(this, { latest: answer.seq, trouble: "", suggestions: null, suggestNote: null, insists: false, told: "" });
    this.touched.clear();
    const carries = this.whole.isPicture && this.tracks.length === 1; // from one picture to the next
    this.whole.load(this.tracks);
    if (!carries) this.painter.reset();
    for (const [name, value] of this.whole.constants) this.painter.answers.set(name, value === TRUE);
    this.stale = this.sync.length > 0; // labels of this video may be among those that wait
    this.position = this.tracks.positions.get(this.lastPosition.index(answer.video.id)) ?? 0;
    this.adopt();
    this.on.opened(answer.version);
    this.on.moved();
    this.sync.send(true);
    if (this.suggests) this.suggest();
  }

  /** Show the next (1) or previous (-1) group; what is pressed meanwhile is meant for that, and waits. */
  async openBeside(by) {
    const place = this.videos.findIndex(({ id }) => id === this.tracks.video.id);
    const beside = this.videos[place + by];
    if (place < 0 || !beside) return;
    this.queue = [];
    await this.show(beside.id);
    const { queue } = this;
    this.queue = null;
    if (!this.closed) queue.forEach((work) => this.whenOpen(work));
  }

  /** Do something now, or once the group is there that is on its way. */
  whenOpen(work) {
    if (this.queue) this.queue.push(work);
    else work();
  }

  /** End what is under way: strokes become events, the position is noted. */
  leave() {
    this.on.leaving();
    this.painter.drop();
    this.question = null;
    if (this.tracks) this.lastPosition.note(this.tracks.video.id, this.tracks.indexes[this.position]);
    this.sync.leave();
  }

  close() {
    this.leave();
    this.closed = true;
    clearTimeout(this.asking);
    this.sync.close();
    this.channel.close();
  }

  /* --- frames --- */

  /** One step on (1) or back (-1), over near-duplicates when they are skipped. Return whether there was a frame. */
  step(by) {
    let to = this.position + by;
    if (this.skipsDuplicates) {
      const [first, last] = this.group();
      to = by > 0 ? last + 1 : first === this.position ? this.tracks.nearDuplicates(Math.max(0, first - 1))[0] : first;
    }
    return this.move(to);
  }

  /** One step on (1) or back (-1); from a group of one picture to the group beside it. */
  go(by) {
    if (!this.step(by) && this.tracks.length === 1) this.openBeside(by);
  }

  /** Go to a position as along a film: forwards this paints. Return whether there was somewhere to go. */
  move(to) {
    const from = this.position;
    const target = this.within(to);
    if (target === from) return false;
    this.direction = target > from ? 1 : -1;
    if (target > from) this.painter.pass(from, target);
    else this.painter.end();
    this.position = target;
    this.on.moved();
    return true;
  }

  /** Go somewhere else, painting nothing; the answers are then those saved there, so that `s` does no harm. */
  jump(to) {
    const target = this.within(to);
    this.painter.end();
    Object.assign(this, { position: target, direction: target >= this.position ? 1 : -1 });
    this.adopt();
    this.on.moved();
  }

  within(position) {
    return Math.max(0, Math.min(position, this.tracks.length - 1));
  }

  /** Take over the answers that are saved for this frame. */
  adopt() {
    const { answers, latched } = this.painter;
    for (const name of this.names) {
      const saved = this.tracks.at(name, this.position);
      if (saved !== UNSET && !latched.has(name)) answers.set(name, saved === TRUE);
    }
  }

  /** Return the first and last position of what `s` saves at once: this frame, or its near-duplicates too. */
  group() {
    return this.skipsDuplicates ? this.tracks.nearDuplicates(this.position) : [this.position, this.position];
  }

  /** Go to the next (1) or previous (-1) frame of the wanted kind. Return whether there is one. */
  seek(direction) {
    const position = this.wanted === "doubtful"
      ? (this.suggestions?.leastCertain(this.position, direction) ?? -1)
      : this.tracks.find(this.position, direction, this.test());
    if (position >= 0) this.jump(position);
    return position >= 0;
  }

  /** Return the test of a position for the wanted kind: one of four, or an answer and its attribute, as in `true good`. */
  test() {
    const { tracks, names } = this;
    const differs = (position) => names.some((name) => tracks.at(name, position) !== tracks.at(name, position - 1));
    const [answer, name] = this.wanted.split(/ (.*)/s);
    const value = { true: TRUE, false: FALSE, unset: UNSET }[answer];
    return {
      unlabelled: (position) => tracks.answers[position] === 0,
      unfinished: (position) => tracks.answers[position] < names.length,
      disputed: (position) => tracks.disputed.has(position),
      change: (position) => position > 0 && differs(position),
    }[this.wanted] ?? ((position) => tracks.at(name, position) === value);
  }

  /* --- answers --- */

  /** Let a network suggest: the sketch, or a run by its id. */
  choose(source) {
    this.source = source;
    storeVisit(this.visit, source);
    this.isChosen = true;
    this.suggestions = null;
    this.suggestNote = { ...this.suggestNote, source };
    if (this.tracks) this.suggest(this.insists);
  }

  /** Set one of the options: `wanted`, `advances`, `skipsDuplicates` or `suggests`. */
  set(option, value) {
    this[option] = value;
    const { advances, skipsDuplicates } = this;
    store(this.kept, { advances, skipsDuplicates });
    if (option === "suggests") this.isChosen = true;
    if (option === "suggests" && this.tracks) this[value ? "suggest" : "hideSuggestions"]();
  }

  toggle(name) {
    this.flip(name, () => this.painter.toggle(name, this.position));
  }

  /** An attribute's key goes down. */
  press(name) {
    this.flip(name, () => this.painter.press(name, this.position));
  }

  latch(name) {
    this.flip(name, () => this.painter.latch(name));
  }

  /** Do what sets an attribute here. Where that turns a yes of the picture before into a no, say so: many expect the opposite. */
  flip(name, work) {
    const { painter: { answers } } = this;
    const wasYes = this.isCarried(name) && answers.get(name);
    this.whole.touch(name);
    this.touched.set(name, this.position);
    work();
    const isNow = wasYes && !answers.get(name);
    this.told = isNow ? `“${name}” was still yes from before and is now no. To keep an answer, just save.` : "";
  }

  /** Return whether an answer here is that of the picture before, neither saved nor set. */
  isCarried(name) {
    const { tracks, position, touched, whole } = this;
    return whole.isSet(name) && tracks.at(name, position) === UNSET && touched.has(name) && touched.get(name) !== position;
  }

  latchAll() {
    this.settled(() => this.painter.latchAll(this.latchable()));
  }

  latchable() {
    return this.names.filter((name) => this.whole.get(name) !== OPEN);
  }

  /** Do some work once something was said of every attribute in this video; before, ask. */
  settled(work) {
    const names = this.whole.missing;
    if (!names.length) work();
    else if (this.exclusive) this.told = "Nothing to save yet: press the letter of a class.";
    else this.question = { names, first: true, then: work };
  }

  /** Ask what is true in the whole video, of all attributes. */
  askAll() {
    this.painter.end();
    if (!this.exclusive) this.question = { names: this.names, first: false, then: () => {} };
  }

  /** Take the choices (a Map) for the whole video, change what is saved accordingly, and do what has waited for them. */
  answer(choices) {
    const { first, then } = this.question;
    this.question = null;
    const changed = [...choices].flatMap(([name, choice]) => this.changes(name, choice));
    for (const [name, choice] of choices) {
      this.whole.set(name, choice);
      if (choice === OPEN || valueOf(choice)) this.painter.answers.set(name, valueOf(choice) === TRUE);
    }
    if (changed.length) this.label(changed, "key");
    const unseen = first ? this.worded.filter((name) => choices.get(name) === CHANGES && !this.touched.has(name)) : [];
    if (unseen.length) this.told = `${listed(unseen)} ${unseen.length === 1 ? "changes" : "change"} in this video: set it for this picture, then save.`;
    else then();
    this.on.changed();
  }

  /** Return the stretches of saved answers that a choice for the whole video changes: an answer of all pictures is that of
   *  every labelled one, and what is left open has none. */
  changes(name, choice) {
    const { tracks } = this;
    const value = valueOf(choice) ?? (choice === OPEN ? UNSET : null);
    if (value === null || (choice === OPEN && this.whole.get(name) === undefined)) return [];
    const differs = (position) => tracks.answers[position] > 0 && tracks.at(name, position) !== value;
    return stretches((position) => (differs(position) ? TRUE : UNSET), 0, tracks.length - 1).map((stretch) => ({ ...stretch, name, value }));
  }

  /** Save the answers for all attributes of this frame, but for those that are left open: on is true, off is false. */
  save() {
    this.settled(() => {
      const [first, last] = this.group();
      const { answers } = this.painter;
      const chosen = this.exclusive ? this.names.filter((name) => answers.get(name)) : [];
      const names = chosen.length ? chosen : this.latchable();
      this.label(names.map((name) => ({ name, first, last, value: answers.get(name) ? TRUE : FALSE })), "key");
      this.told = this.saying(chosen.length ? this.names.length : names.length, first, last);
      if (this.advances) this.go(1);
    });
  }

  /** Return in words what was saved, of each of some frames. */
  saying(count, first, last) {
    const { indexes } = this.tracks;
    const frames = first === last ? `Frame ${indexes[first]}` : `Frames ${indexes[first]} to ${indexes[last]}`;
    const number = count * (last - first + 1);
    const open = this.whole.open;
    return `${frames}: ${number} ${number === 1 ? "answer" : "answers"} saved${open.length ? `, ${open.join(", ")} left open` : ""}`;
  }

  /** Return whether the whole video is labelled, but for what is left open. */
  isFinished() {
    const { tracks } = this;
    return (this.whole.open.length ? tracks.labelled : tracks.answered) === tracks.length;
  }

  /** Label stretches, as one action; what is the same in all pictures is answered along with them. */
  label(labelled, source) {
    this.painter.end();
    const action = uuid();
    if (source !== "key") for (const { name, value } of labelled) if (value !== UNSET) this.whole.touch(name);
    const patches = labelled.flatMap((stretch) => this.write(stretch));
    for (const stretch of labelled) this.sync.add(this.annotator, this.event({ ...stretch, id: uuid(), action, source }));
    this.undoStack.push(action, [...patches, ...labelled.flatMap((stretch) => this.complete(stretch, action, source))]);
    if (source !== "key" && labelled.some(({ first, last }) => first <= this.position && this.position <= last)) this.adopt();
    this.on.changed();
  }

  /** Answer along with a stretch what is the same in all pictures, where it has no answer; return patches for undo. */
  complete({ name: labelled, first, last, value: given }, action, source) {
    if (given === UNSET) return [];
    return this.whole.constants.filter(([name]) => name !== labelled).flatMap(([name, value]) => {
      const open = (position) => (this.tracks.at(name, position) === UNSET ? value : UNSET);
      return stretches(open, first, last).flatMap((stretch) => {
        this.sync.add(this.annotator, this.event({ ...stretch, name, id: uuid(), action, source }));
        return this.write({ ...stretch, name });
      });
    });
  }

  /** A stroke grows no more. */
  ended(stroke) {
    this.sync.add(this.annotator, this.event(stroke));
    this.painter.action.patches.push(...this.complete(stroke, stroke.action, "paint"));
  }

  /** Label what a stroke has grown by. */
  grow(stroke, first) {
    const patches = this.write({ ...stroke, first });
    this.sync.hold(this.annotator, this.event(stroke));
    return patches;
  }

  /** Write a stretch into the tracks (of exclusive attributes one is true) and return what undo needs. */
  write({ name, first, last, value }) {
    const rivals = this.exclusive && value === TRUE ? this.names.filter((other) => other !== name) : [];
    for (let position = first; position <= last; position += 1) this.labelled.add(`${this.tracks.video.id} ${position}`);
    return [[name, value], ...rivals.map((rival) => [rival, FALSE])].map(([attribute, answer]) => (
      { name: attribute, first, last, value: answer, before: this.tracks.set(attribute, first, last, answer) }));
  }

  event({ id, action, name, first, last, value, source = "paint" }) {
    const { indexes, video } = this.tracks;
    return { id, action, video: video.id, attribute: name, first: indexes[first], last: indexes[last], value: toAnswer(value), source };
  }

  /** Send an "undo" or a "redo", and show it; what was done before this page was opened, only the server can show. */
  turn(way) {
    this.painter.end();
    this.told = "";
    const turned = this.undoStack[way]();
    if (!turned) return;
    const { entry: { patches }, event } = turned;
    this.sync.add(this.annotator, event);
    if (patches?.length) {
      if (way === "redo") for (const { name, first, last, value } of patches) this.tracks.set(name, first, last, value);
      else for (const { name, first, before } of [...patches].reverse()) this.tracks.restore(name, first, before);
      if (patches.every(({ first, last }) => this.position < first || this.position > last)) this.position = patches[0].first;
      this.adopt();
    }
    // The server knows what an older action was, and whether there are more than the page was told of.
    if (!patches?.length || !this.undoStack.done.length) this.stale = true;
    this.on.moved();
  }

  /** Accept the suggestions where no answer is saved yet: of this frame, or of the stretch that is like it. */
  accept(wholeStretch) {
    const { suggestions } = this;
    if (!suggestions) return;
    const [first, last] = wholeStretch ? suggestions.stretch(this.position) : this.group();
    const accepted = this.names.flatMap((name) =>
      stretches((position) => suggestions.open(name, position), first, last).map((stretch) => ({ ...stretch, name })));
    if (accepted.length) this.label(accepted, "suggestion");
  }

  async suggest(insist = false) {
    const { tracks, source } = this;
    this.insists = insist;
    if (!this.suggestions) this.suggestNote = { ...this.suggestNote, status: "asking", origin: undefined };
    const answer = await this.api.suggestions(tracks.video.id, insist, source).catch((error) => ({ status: error.message }));
    if (this.tracks !== tracks || this.source !== source || !this.suggests) return;
    if (!this.isChosen && !answer.origin) { // a run waits until it is asked
      this.suggests = false;
      this.hideSuggestions();
      return;
    }
    this.suggestNote = answer;
    this.suggestions = answer.status === "ready" ? new Suggestions(answer, tracks, this.exclusive) : null;
    this.on.changed();
  }

  /** Ask again where the instant network has changed. Once it has learned from what was labelled here, its suggestions come
   *  by themselves, unless the annotator has switched them off. */
  follow(sketch) {
    if (!sketch) return;
    clearTimeout(this.asking);
    if (sketch.learning) this.asking = setTimeout(() => this.sync.send(true), SOON);
    const isNew = sketch.version !== this.sketch?.version;
    this.sketch = sketch;
    if (!isNew || !this.tracks || this.tracks.blind) return;
    if (sketch.own && this.labelled.size && !this.isChosen) this.suggests = true;
    if (this.suggests && (!this.suggestions || this.suggestNote.origin)) this.suggest(this.insists);
  }

  hideSuggestions() {
    this.suggestions = this.suggestNote = null;
  }

  /* --- what the server says --- */

  /** Return where the annotator is, and the latest label there that this page has loaded. */
  place() {
    const { annotator, tracks, position, latest } = this;
    if (!tracks) return { annotator };
    return { annotator, video: tracks.video.id, key: tracks.video.key, index: tracks.indexes[position], seen: latest };
  }

  heard(answer, sent, place) {
    this.others = answer.others;
    this.follow(answer.sketch);
    if (sent) {
      this.channel.postMessage(this.annotator);
      this.on.saved();
    }
    const { tracks } = this;
    if (!tracks || place.video !== tracks.video.id) return;
    const unblinded = sent && tracks.blind && tracks.answered === tracks.length;
    if (answer.changed || unblinded) this.stale = true;
    else this.latest = Math.max(this.latest, answer.seq);
    if (this.stale && !this.sync.length) this.refresh();
  }

  /** Load what was labelled elsewhere: in another tab, or by an undo of something older than this page. */
  async refresh() {
    const { tracks } = this;
    this.stale = false;
    const answer = await this.api.video(tracks.video.id).catch(() => null);
    if (this.closed || this.tracks !== tracks) return;
    if (!answer || this.sync.length) {
      this.stale = true;
      return;
    }
    const { blind, indexes, video } = tracks;
    if (answer.indexes.join() !== indexes.join()) return this.show(video.id); // its frames are others now
    this.latest = answer.seq;
    tracks.load(answer);
    this.whole.load(tracks);
    if (tracks.blind) this.hideSuggestions();
    else if (blind && this.suggests) this.suggest();
    if (!this.undoStack.endsWith(answer.undoable)) this.undoStack = new UndoStack(answer.undoable, answer.redoable);
    this.on.changed();
  }
}
