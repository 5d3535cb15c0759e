/* The labeller: opens a video, and connects keys, frame, timeline, panel and outbox. */

import { Desk } from "./desk.js";
import { client, h } from "./dom.js";
import { Film } from "./film.js";
import { Help } from "./help.js";
import { History } from "./history.js";
import { Keyboard } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { Pictures } from "./pictures.js";
import { Player } from "./player.js";
import { Stage } from "./stage.js";
import { Suggestions } from "./suggestions.js";
import { Timeline } from "./timeline.js";
import { Today } from "./today.js";
import { Top } from "./top.js";
import { Transport } from "./transport.js";

/** Called by the Streamlit component whenever the page runs; the labeller stays unless its settings have changed. */
export function open({ data, parentElement, setTriggerValue }) {
  const known = JSON.stringify(data);
  const kept = parentElement.labeller;
  if (kept?.known === known) {
    kept.quit = (value) => setTriggerValue("quit", value);
    return;
  }
  kept?.close();
  parentElement.labeller = new Labeller(data, parentElement, (value) => setTriggerValue("quit", value));
  parentElement.labeller.known = known;
}

export class Labeller {
  constructor(settings, root, quit) {
    Object.assign(this, { settings, quit, seen: 0 });
    this.ask = client(settings.base);
    this.places = new Places(settings);
    this.outbox = new Outbox({
      ask: this.ask,
      workspace: settings.workspace,
      place: () => this.place(),
      heard: (answer, sent, place) => this.heard(answer, sent, place),
      changed: () => this.top?.tell(this.outbox),
    });
    this.desk = new Desk(settings, this.outbox);
    this.desk.changed = () => this.render();
    this.desk.moved = () => this.arrive();
    this.build(root);
    this.channel = new BroadcastChannel(`seamlens ${settings.workspace}`);
    this.channel.onmessage = ({ data }) => data.annotator === settings.annotator && this.outbox.send(true);
    this.away = () => this.leave();
    window.addEventListener("pagehide", this.away);
    this.start();
  }

  build(root) {
    const act = (command) => this.act(command);
    this.top = new Top({ open: (id) => this.show(id), help: () => this.act("help"), take: () => this.takeRefused() });
    this.stage = new Stage();
    this.panel = new Panel(this.desk, act);
    this.today = new Today(this.panel, this.ask, this.settings);
    this.timeline = new Timeline({
      go: (position) => this.desk.jump(position),
      paint: (name, first, last, value) => this.desk.say([{ name, first, last, value }], "paint"),
    });
    this.player = new Player({
      step: () => this.desk.step(1),
      ready: () => this.pictures?.get(Math.min(this.desk.position + 1, this.desk.film.length - 1)) !== undefined,
      changed: () => this.transport?.show(),
    });
    this.transport = new Transport(this.player, act);
    this.help = new Help(this.settings.attributes);
    this.desk.latch = (name) => { this.desk.brush.latch(name); this.render(); };
    const work = h("div.work", {}, h("div.left", {}, this.stage.element, this.transport.element), this.panel.element);
    this.element = h("div.labeller", {}, this.top.line, this.top.problem, work, this.timeline.element, this.help.element);
    root.querySelector(".labeller")?.remove();
    root.append(this.element);
  }

  listen() {
    const { brush } = this.desk;
    const shown = (work) => (...given) => { work(...given); this.render(); };
    this.keyboard = new Keyboard({
      letters: new Map(this.settings.attributes.map(({ key, name }) => [key, name])),
      act: (command) => this.act(command),
      press: shown((name) => brush.press(name)),
      release: shown((name) => brush.release(name)),
      latch: (name) => this.desk.latch(name),
      erase: shown((on) => brush.erase(on)),
    });
  }

  /** Open the video where this annotator was last, else the one with most to do. */
  async start() {
    const videos = await this.patiently(() => this.ask(`/videos?annotator=${encodeURIComponent(this.settings.annotator)}`));
    if (!videos?.length) return;
    this.videos = videos;
    const left = (video) => video.labelled / video.frames;
    const least = videos.reduce((best, video) => (left(video) < left(best) ? video : best));
    const last = videos.find((video) => video.id === this.places.last);
    await this.show((last ?? least).id);
    if (!this.closed) this.listen();
  }

  /** Ask until the server answers; null once this labeller is closed. */
  async patiently(question) {
    while (!this.closed) {
      try {
        return await question();
      } catch (error) {
        this.outbox.problem = error.status ? error.message : "gone";
        this.top.tell(this.outbox);
        await new Promise((wake) => setTimeout(wake, 2000));
      }
    }
    return null;
  }

  /** Show a video, where it was left. */
  async show(id) {
    this.leave();
    const answer = await this.patiently(() => this.fetchDesk(id));
    if (!answer) return;
    const film = new Film(answer, this.desk.names);
    this.seen = answer.seq;
    this.pictures?.close();
    this.pictures = this.picturesOf(film);
    this.desk.open(film, new History(answer.undoable, answer.redoable), film.places.get(this.places.of(id)) ?? 0);
    this.stage.load(film.video);
    this.timeline.load(film, this.settings.attributes);
    this.player.load(film.video.frame_rate);
    this.top.offer(this.videos, id);
    this.panel.suggestBox.checked = false;
    this.panel.suggestNote.textContent = "";
    this.arrive();
    this.outbox.send(true);
    this.today.ask();
  }

  fetchDesk(id) {
    return this.ask(`/desk/${id}?annotator=${encodeURIComponent(this.settings.annotator)}`);
  }

  picturesOf({ video, indexes, length }) {
    const version = `${video.origin}-${video.frames}-${video.width}x${video.height}`;
    return new Pictures({
      length,
      bytes: 4 * video.width * video.height,
      address: (position) => `${this.settings.base}/frames/${video.id}/${indexes[position]}.jpg?v=${version}`,
      arrived: (position) => position === this.desk.position && this.draw(),
    });
  }

  act(command) {
    const { desk, player } = this;
    const work = {
      save: () => desk.save(),
      next: () => desk.step(1), back: () => desk.step(-1),
      next10: () => desk.move(desk.position + 10), back10: () => desk.move(desk.position - 10),
      next100: () => desk.move(desk.position + 100), back100: () => desk.move(desk.position - 100),
      first: () => desk.jump(0), last: () => desk.jump(desk.film.length - 1),
      play: () => player.toggle(), faster: () => player.faster(1), slower: () => player.faster(-1),
      seek: () => desk.seek(1), seekBack: () => desk.seek(-1),
      undo: () => desk.undo(), redo: () => desk.redo(),
      accept: () => desk.accept(false), acceptStretch: () => desk.accept(true),
      latchAll: () => desk.brush.latchAll(),
      release: () => { player.stop(); desk.brush.drop(); },
      suggest: () => this.suggest(), insist: () => this.suggest(true), unsuggest: () => this.unsuggest(),
      help: () => this.help.toggle(),
      quit: () => { this.leave(); this.quit(desk.saved.size); },
    }[command];
    work?.();
    this.render();
  }

  /* --- what is on screen --- */

  /** Another frame is in view. */
  arrive() {
    this.pictures.around(this.desk.position, this.desk.direction);
    this.draw();
    this.render();
  }

  draw() {
    const { film, position } = this.desk;
    this.stage.show(this.pictures.get(position), `Frame ${film.indexes[position]} of ${film.video.key}`);
  }

  render() {
    const { desk } = this;
    if (!desk.film) return;
    this.top.show({ film: desk.film, position: desk.position, run: desk.skipsAlike ? desk.film.run(desk.position) : null });
    this.panel.show();
    this.timeline.suggestions = desk.suggestions;
    this.timeline.follow(desk.position);
    this.timeline.redraw();
  }

  /* --- the server --- */

  place() {
    const { film, position } = this.desk ?? {};
    const here = film ? { video: film.video.id, key: film.video.key, index: film.indexes[position] } : {};
    return { annotator: this.settings.annotator, seen: film ? this.seen : undefined, ...here };
  }

  heard(answer, sent, place) {
    this.top?.meet(answer.others);
    if (!this.desk?.film || place.video !== this.desk.film.video.id) return;
    if (sent) {
      this.channel?.postMessage({ annotator: this.settings.annotator });
      this.today.later();
      this.count();
    }
    if (answer.changed) this.desk.stale = true;
    else this.seen = answer.seq;
    if (this.desk.stale && !this.outbox.length) this.refresh();
  }

  /** Take over what was said elsewhere: in another tab, by an undo of something older than this page. */
  async refresh() {
    const { desk } = this;
    const { film } = desk;
    desk.stale = false;
    const answer = await this.fetchDesk(film.video.id).catch(() => null);
    if (!answer || desk.film !== film || this.outbox.length) {
      desk.stale = true;
      return;
    }
    this.seen = answer.seq;
    film.take(answer);
    const mine = desk.history.done.slice(-answer.undoable.length).map(({ action }) => action);
    if (mine.join() !== answer.undoable.join()) desk.history = new History(answer.undoable, answer.redoable);
    this.render();
  }

  /** Keep the menu of videos true without asking for it again. */
  count() {
    const { film } = this.desk;
    const video = this.videos.find(({ id }) => id === film.video.id);
    if (!video || video.labelled === film.labelled) return;
    video.labelled = film.labelled;
    this.top.offer(this.videos, video.id);
  }

  async suggest(insist = false) {
    const { desk, panel } = this;
    const { film } = desk;
    panel.suggestNote.textContent = "The network looks at the frames …";
    const answer = await this.ask(`/suggestions/${film.video.id}?insist=${insist}`).catch((error) => ({ status: error.message }));
    if (desk.film !== film || !panel.suggestBox.checked) return;
    panel.explain(answer, () => this.act("insist"));
    if (answer.status === "ready") desk.suggestions = new Suggestions(answer, film, desk.exclusive);
    this.render();
  }

  unsuggest() {
    this.desk.suggestions = null;
    this.panel.suggestNote.textContent = "";
  }

  /** Hand over the labels that the server refused, as a file. */
  takeRefused() {
    const file = new Blob([JSON.stringify(this.outbox.refused, null, 2)], { type: "application/json" });
    const link = h("a", { href: URL.createObjectURL(file), download: "labels-not-stored.json" });
    link.click();
    URL.revokeObjectURL(link.href);
    this.outbox.refused = [];
    this.top.tell(this.outbox);
    this.refresh();
  }

  /** End what is under way: strokes become events, the place is noted. */
  leave() {
    this.player.stop();
    this.desk.brush.drop();
    if (this.desk.film) this.places.note(this.desk.film, this.desk.position);
    this.outbox.leave();
  }

  close() {
    this.closed = true;
    this.leave();
    this.keyboard?.close();
    this.outbox.close();
    this.pictures?.close();
    this.timeline.close();
    this.today.close();
    this.channel.close();
    window.removeEventListener("pagehide", this.away);
  }
}

/** Where an annotator was in each video, remembered by this browser. */
class Places {
  constructor({ workspace, annotator }) {
    this.name = `seamlens-places|${workspace}|${annotator}`;
    try {
      this.kept = JSON.parse(localStorage.getItem(this.name)) ?? {};
    } catch {
      this.kept = {};
    }
  }

  get last() {
    return this.kept.last;
  }

  of(video) {
    return this.kept[video];
  }

  note({ video, indexes }, position) {
    this.kept = { ...this.kept, last: video.id, [video.id]: indexes[position] };
    try {
      localStorage.setItem(this.name, JSON.stringify(this.kept));
    } catch {
      // A full storage forgets the place; labels matter more.
    }
  }
}
