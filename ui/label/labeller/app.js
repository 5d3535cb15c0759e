/* The labeller: builds its parts and connects them. The controller holds the state and calls back when it has changed; the
 * parts show it and call back with what the annotator does. */

import { AnswersPanel } from "./answers_panel.js";
import { Api } from "./api.js";
import { closeConnectionErrors } from "./connection.js";
import { Controller } from "./controller.js";
import { DailyGoal } from "./daily_goal.js";
import { h } from "./dom.js";
import { FrameCache } from "./frame_cache.js";
import { Header } from "./header.js";
import { LastPosition } from "./last_position.js";
import { FrameCanvas, Player } from "./player.js";
import { Question } from "./question.js";
import { HelpSheet, Shortcuts } from "./shortcuts.js";
import { Timeline } from "./timeline.js";

/** Called by the Streamlit component whenever the page runs; the labeller stays unless its settings have changed. */
export function open({ data, parentElement, setTriggerValue }) {
  const settings = JSON.stringify({ ...data, at: null, suggest: null }); // where and how to begin matters only once
  if (parentElement.labeller?.key !== settings) {
    parentElement.labeller?.close();
    parentElement.labeller = new App(data, parentElement);
  }
  Object.assign(parentElement.labeller, { key: settings, quit: (value) => setTriggerValue("quit", value) });
}

class App {
  /** `settings` come from the page, `root` is where to draw. `quit(value)` tells the page that the annotator leaves. */
  constructor(settings, root) {
    this.settings = settings;
    this.api = new Api(settings);
    this.controller = new Controller(settings, this.api, new LastPosition(settings), {
      changed: () => this.render(),
      moved: () => this.moved(),
      opened: (version) => this.opened(version),
      leaving: () => this.player.stop(),
      saved: () => this.goal.askSoon(),
    });
    this.build(root);
    this.leave = () => this.controller.leave();
    window.addEventListener("pagehide", this.leave);
    this.endClosing = closeConnectionErrors();
    this.controller.start().then(() => this.closed || this.listen());
  }

  build(root) {
    const { controller, settings: { attributes } } = this;
    const act = (command) => this.act(command);
    this.header = new Header({ open: (id) => controller.show(id), help: () => act("help"), takeRefused: () => this.takeRefused() });
    this.canvas = new FrameCanvas();
    this.goal = new DailyGoal(this.settings, this.api.pace);
    this.panel = new AnswersPanel(attributes, {
      act, toggle: this.shown((name) => controller.toggle(name)), latch: this.shown((name) => controller.latch(name)),
      open: (id) => controller.show(id), choose: this.shown((source) => controller.choose(source)), set: this.shown((option, value) => controller.set(option, value)), seen: this.api.seen,
    }, controller, this.goal.element);
    this.timeline = new Timeline({
      go: (position) => controller.jump(position),
      label: (stretch) => controller.label([stretch], "paint"),
    });
    this.player = new Player({
      step: () => controller.step(1),
      ready: () => this.cache.get(controller.within(controller.position + 1)) !== undefined,
      act,
    });
    this.help = new HelpSheet(attributes);
    this.question = new Question(attributes, {
      answer: (choices) => controller.answer(choices), cancel: this.shown(() => { controller.question = null; }),
      changes: (name, choice) => controller.changes(name, choice).reduce((sum, { first, last }) => sum + last - first + 1, 0),
      proposal: (name) => controller.whole.proposal(name),
    }, this.panel.element);
    this.voice = h("div.voice", { "aria-live": "polite" });
    const { header, canvas, player, panel, timeline, help, question } = this;
    const work = h("div.work", {}, canvas.element, panel.element, player.element); // answers are before transport for the tab key
    const parts = [header.assigned, header.line, header.problem, work, timeline.element, help.element, question.element, this.voice];
    root.querySelector(".labeller")?.remove();
    root.append(h("div.labeller", { role: "application", "aria-label": "Labelling" }, ...parts));
  }

  listen() {
    const { controller } = this;
    const { painter } = controller;
    const whenOpen = (work) => (...given) => controller.whenOpen(() => this.shown(work)(...given));
    this.shortcuts = new Shortcuts(this.settings.attributes, {
      act: (command, repeated) => this.act(command, repeated),
      press: whenOpen((name) => controller.press(name)),
      release: whenOpen((name) => painter.release(name)),
      latch: this.shown((name) => controller.latch(name)),
      erase: whenOpen((on) => painter.erase(on, ...controller.group())),
    });
  }

  /** Return what does some work and then shows it. */
  shown(work) {
    return (...given) => { work(...given); this.render(); };
  }

  /** Do what a key or a button says; `repeated` where the key is held. */
  act(command, repeated = false) {
    if (!repeated || !this.controller.queue) this.controller.whenOpen(() => this.perform(command));
  }

  perform(command) {
    const { controller, player } = this;
    if (!controller.tracks) return;
    const { painter, position, suggestions, tracks } = controller;
    const seek = (direction) => this.panel.tellSeek(controller.seek(direction), suggestions);
    const work = {
      save: () => controller.save(), whole: () => controller.askAll(),
      next: () => controller.go(1), back: () => controller.go(-1),
      next10: () => controller.move(position + 10), back10: () => controller.move(position - 10),
      next100: () => controller.move(position + 100), back100: () => controller.move(position - 100),
      first: () => controller.jump(0), last: () => controller.jump(tracks.length - 1),
      play: () => player.toggle(), faster: () => player.faster(1), slower: () => player.faster(-1),
      seek: () => seek(1), seekBack: () => seek(-1),
      undo: () => controller.turn("undo"), redo: () => controller.turn("redo"),
      accept: () => controller.accept(false), acceptStretch: () => controller.accept(true), insist: () => controller.suggest(true),
      latchAll: () => controller.latchAll(), release: () => { player.stop(); painter.drop(); },
      help: () => this.help.toggle(), quit: () => this.goHome(),
    }[command];
    work();
    this.render();
  }

  opened(version) {
    const { tracks: { video, indexes, length } } = this.controller;
    this.cache?.close();
    this.cache = new FrameCache({
      length, bytes: 4 * video.width * video.height,
      address: (position) => this.api.picture(video.id, indexes[position], version),
      arrived: (position) => position === this.controller.position && this.draw(),
    });
    this.canvas.load(video);
    this.timeline.load(this.controller.tracks, this.settings.attributes);
    this.player.load(video.frame_rate);
    this.goal.ask();
  }

  moved() {
    this.cache.around(this.controller.position, this.controller.direction);
    this.draw();
    this.render();
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.voice.textContent = this.sentence(); }, 400);
  }

  /** Return the frame in view in words, for a screen reader. */
  sentence() {
    const { tracks, position, names } = this.controller;
    const answers = names.map((name) => `${name} ${["not answered", "yes", "no"][tracks.at(name, position)]}`);
    return `Frame ${tracks.indexes[position]}: ${answers.join(", ")}`;
  }

  draw() {
    const { tracks, position } = this.controller;
    this.canvas.show(this.cache.get(position), `Frame ${tracks.indexes[position]} of ${tracks.video.key}`);
  }

  /** Show the controller's state, once for all that a key changes. */
  render() {
    this.rendering ??= Promise.resolve().then(() => {
      this.rendering = null;
      const view = this.controller.view();
      this.header.show(view);
      if (view.tracks) for (const part of [this.panel, this.timeline, this.question]) part.show(view);
    });
  }

  /** Hand over the labels that the server refused, as a file. */
  takeRefused() {
    const file = new Blob([JSON.stringify(this.controller.sync.takeRefused(), null, 2)], { type: "application/json" });
    const link = h("a", { href: URL.createObjectURL(file), download: "labels-not-saved.json" });
    link.click();
    URL.revokeObjectURL(link.href);
    this.controller.refresh();
  }

  /** Leave the page once the labels have arrived; where they cannot, the page that follows says so. */
  async goHome() {
    const { controller } = this;
    controller.leave();
    await controller.sync.drained(1500);
    this.quit({ labelled: controller.labelled.size, waiting: controller.sync.length });
  }

  close() {
    this.closed = true;
    this.controller.close();
    this.endClosing();
    clearTimeout(this.speaking);
    this.shortcuts?.close();
    this.cache?.close();
    this.timeline.close();
    this.goal.close();
    window.removeEventListener("pagehide", this.leave);
  }
}
