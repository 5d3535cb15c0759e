/* The labeller: connects keys, frame, timeline, panel, and the link to the server. */

import { nextOf } from "./assigned.js";
import { Desk } from "./controller.js";
import { h } from "./dom.js";
import { Film } from "./label_tracks.js";
import { Help } from "./help.js";
import { History } from "./undo.js";
import { Keyboard } from "./shortcuts.js";
import { Link } from "./api.js";
import { Panel } from "./answers_panel.js";
import { Places } from "./last_position.js";
import { Pictures } from "./frame_cache.js";
import { Player } from "./player.js";
import { Stage } from "./canvas.js";
import { Suggestions } from "./suggestions.js";
import { Timeline } from "./timeline.js";
import { Today } from "./daily_goal.js";
import { Top } from "./header.js";
import { Transport } from "./transport.js";

export class Labeller {
  /** `settings` come from the page, `root` is where to draw, `quit(value)` tells the page that the annotator leaves. */
  constructor(settings, root, quit) {
    Object.assign(this, { settings, quit });
    this.places = new Places(settings);
    if (settings.at) this.places.ask(...settings.at);
    this.link = new Link(settings, {
      told: () => this.tell(),
      stored: () => this.today?.later(),
      met: (others) => this.top?.meet(others),
      refresh: () => this.refresh(),
    });
    this.desk = this.link.desk = new Desk(settings, this.link.outbox);
    this.desk.changed = () => this.render();
    this.desk.moved = () => this.arrive();
    this.build(root);
    this.away = () => this.leave();
    window.addEventListener("pagehide", this.away);
    this.start();
  }

  build(root) {
    const act = (command) => this.act(command);
    this.top = new Top({ open: (id) => this.show(id), help: () => act("help"), take: () => this.takeRefused() });
    this.stage = new Stage();
    this.panel = new Panel(this.desk, act);
    this.panel.suggestBox.checked = Boolean(this.settings.suggest);
    this.today = new Today(this.panel, this.link.ask, this.settings);
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
    this.voice = h("div.voice", { "aria-live": "polite" });
    this.desk.latch = (name) => { this.desk.brush.latch(name); this.render(); };
    const work = h("div.work", {}, h("div.left", {}, this.stage.element, this.transport.element), this.panel.element);
    const parts = [this.top.assigned.element, this.top.line, this.top.problem, work, this.timeline.element, this.help.element, this.voice];
    this.element = h("div.labeller", { role: "application", "aria-label": "Labelling" }, ...parts);
    root.querySelector(".labeller")?.remove();
    root.append(this.element);
  }

  listen() {
    const { brush } = this.desk;
    const shown = (work) => (...given) => this.orLater(() => { work(...given); this.render(); });
    this.keyboard = new Keyboard({
      letters: new Map(this.settings.attributes.map(({ key, name }) => [key, name])),
      act: (command, repeated) => this.act(command, repeated),
      press: shown((name) => brush.press(name)),
      release: shown((name) => brush.release(name)),
      latch: (name) => this.desk.latch(name),
      erase: shown((on) => brush.erase(on)),
    });
  }

  /** Open the video where this annotator was last, else the next that is assigned, else the one with most to do. */
  async start() {
    const videos = await this.link.patiently(() => this.link.videos()).catch(() => null);
    if (this.closed || !videos?.length) return;
    this.videos = videos;
    const share = (video) => video.labelled / video.frames;
    const least = videos.reduce((best, video) => (share(video) < share(best) ? video : best));
    const last = videos.find((video) => video.id === this.places.last);
    await this.show((last ?? nextOf(videos) ?? least).id);
    if (!this.closed) this.listen();
  }

  /** Show a video, where it was left. Of several choices the last one counts. */
  async show(id) {
    this.leave();
    const turn = (this.turn = {});
    const wanted = () => !this.closed && this.turn === turn;
    try {
      const answer = await this.link.patiently(() => this.link.video(id), wanted);
      if (answer && wanted()) this.load(answer);
    } catch (error) {
      if (wanted()) await this.lost(error);
    }
  }

  load(answer) {
    this.leave(); // keys that were pressed meanwhile belong to what was shown until now
    const film = new Film(answer, this.desk.names);
    this.link.seen = answer.seq;
    this.link.trouble = "";
    this.pictures?.close();
    this.pictures = this.picturesOf(film, answer.version);
    const left = film.places.get(this.places.of(film.video.id)) ?? 0;
    this.desk.open(film, new History(answer.undoable, answer.redoable), left);
    this.desk.stale = this.link.outbox.length > 0; // labels of this video may be among those that wait
    this.stage.load(film.video);
    this.timeline.load(film, this.settings.attributes);
    this.player.load(film.video.frame_rate);
    this.top.offer(this.videos, film.video.id);
    this.arrive();
    this.link.outbox.send(true);
    this.today.ask();
    this.panel.suggestNote.textContent = "";
    if (this.panel.suggestBox.checked) this.suggest();
  }

  /** A video cannot be opened: say so, and offer those that are there. */
  async lost(error) {
    this.link.trouble = `This video cannot be opened. ${error.message}`;
    this.tell();
    this.videos = (await this.link.videos().catch(() => null)) ?? this.videos;
    this.top.offer(this.videos, this.desk.film?.video.id);
  }

  picturesOf({ video, indexes, length }, version) {
    return new Pictures({
      length,
      bytes: 4 * video.width * video.height,
      address: (position) => `${this.settings.base}/frames/${video.id}/${indexes[position]}.jpg?v=${version}`,
      arrived: (position) => position === this.desk.position && this.draw(),
    });
  }

  /** Do what a key or a button says; `repeated` where the key is held. */
  act(command, repeated = false) {
    if (!repeated || !this.waiting) this.orLater(() => this.perform(command));
  }

  perform(command) {
    const { desk, player } = this;
    if (!desk.film) return;
    const { brush } = desk;
    const work = {
      save: () => { desk.save(); if (desk.movesOn) this.step(1); },
      next: () => this.step(1), back: () => this.step(-1),
      next10: () => desk.move(desk.position + 10), back10: () => desk.move(desk.position - 10),
      next100: () => desk.move(desk.position + 100), back100: () => desk.move(desk.position - 100),
      first: () => desk.jump(0), last: () => desk.jump(desk.film.length - 1),
      play: () => player.toggle(), faster: () => player.faster(1), slower: () => player.faster(-1),
      seek: () => this.panel.found(desk.seek(1)), seekBack: () => this.panel.found(desk.seek(-1)),
      undo: () => desk.undo(), redo: () => desk.redo(),
      accept: () => desk.accept(false), acceptStretch: () => desk.accept(true),
      latchAll: () => brush.latchAll(),
      release: () => { player.stop(); brush.drop(); },
      suggest: () => this.suggest(), insist: () => this.suggest(true), unsuggest: () => this.unsuggest(),
      help: () => this.help.toggle(), quit: () => this.goHome(),
    }[command];
    work?.();
    this.render();
  }

  /** One step on (1) or back (-1); from a group of one picture to the group beside it. */
  step(by) {
    if (!this.desk.step(by) && this.desk.film.length === 1) this.goBeside(by);
  }

  /** Show the next (1) or previous (-1) group; what is pressed meanwhile is meant for that, and waits. */
  async goBeside(by) {
    const place = this.videos.findIndex(({ id }) => id === this.desk.film.video.id);
    const beside = this.videos[place + by];
    if (place < 0 || !beside) return;
    this.waiting = [];
    await this.show(beside.id);
    const { waiting } = this;
    this.waiting = null;
    if (!this.closed) waiting.forEach((work) => this.orLater(work));
  }

  /** Do something now, or once the group is there that is on its way. */
  orLater(work) {
    if (this.waiting) this.waiting.push(work);
    else work();
  }

  /* --- what is on screen --- */

  /** Another frame is in view. */
  arrive() {
    this.pictures.around(this.desk.position, this.desk.direction);
    this.draw();
    this.render();
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.voice.textContent = this.sentence(); }, 400);
  }

  /** Return the frame in view in words, for a screen reader. */
  sentence() {
    const { film, position, names } = this.desk;
    const said = names.map((name) => `${name} ${["not answered", "true", "false"][film.at(name, position)]}`);
    return `Frame ${film.indexes[position]}: ${said.join(", ")}`;
  }

  draw() {
    const { film, position } = this.desk;
    this.stage.show(this.pictures.get(position), `Frame ${film.indexes[position]} of ${film.video.key}`);
  }

  render() {
    const { desk } = this;
    if (!desk.film) return;
    this.top.show({ film: desk.film, position: desk.position, run: desk.skipsAlike ? desk.here() : null });
    this.top.count(desk.film);
    this.panel.show();
    this.timeline.follow(desk.position, desk.suggestions);
  }

  /** Say whether every label is safe. */
  tell() {
    this.top?.tell(this.link);
    if (this.desk?.film) this.panel.show();
  }

  /* --- the server --- */

  /** Take over what was said elsewhere: in another tab, by an undo of something older than this page. */
  async refresh() {
    const { desk, link } = this;
    const { film } = desk;
    desk.stale = false;
    const answer = await link.video(film.video.id).catch(() => null);
    if (this.closed || desk.film !== film) return;
    if (!answer || link.outbox.length) {
      desk.stale = true;
      return;
    }
    if (answer.indexes.join() !== film.indexes.join()) {
      this.show(film.video.id); // its frames are others now
      return;
    }
    link.seen = answer.seq;
    const { blind } = film;
    film.take(answer);
    if (film.blind) this.unsuggest();
    else if (blind && this.panel.suggestBox.checked) this.suggest();
    const mine = desk.history.done.slice(-answer.undoable.length).map(({ action }) => action);
    if (mine.join() !== answer.undoable.join()) desk.history = new History(answer.undoable, answer.redoable);
    this.render();
  }

  async suggest(insist = false) {
    const { desk, panel } = this;
    const { film } = desk;
    panel.suggestNote.textContent = "The network looks at the frames …";
    const answer = await this.link.suggestions(film.video.id, insist).catch((error) => ({ status: error.message }));
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
    const file = new Blob([JSON.stringify(this.link.outbox.handOver(), null, 2)], { type: "application/json" });
    const link = h("a", { href: URL.createObjectURL(file), download: "labels-not-stored.json" });
    link.click();
    URL.revokeObjectURL(link.href);
    this.refresh();
  }

  /** Leave the page once the labels have arrived; where they cannot, the page that follows says so. */
  async goHome() {
    this.leave();
    await this.link.drained(1500);
    this.quit({ labelled: this.desk.saved.size, waiting: this.link.outbox.length });
  }

  /** End what is under way: strokes become events, the place is noted. */
  leave() {
    this.player.stop();
    this.desk.brush.drop();
    if (this.desk.film) this.places.note(this.desk.film, this.desk.position);
    this.link.outbox.leave();
  }

  close() {
    this.closed = true;
    this.leave();
    clearTimeout(this.speaking);
    this.keyboard?.close();
    this.link.close();
    this.pictures?.close();
    this.timeline.close();
    this.today.close();
    window.removeEventListener("pagehide", this.away);
  }
}
