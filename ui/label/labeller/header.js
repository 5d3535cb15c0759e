/* Above the frame: what is assigned, which video and frame, who else is here, and whether every label is saved. */

import { button, h, mark, menu, write } from "./dom.js";
import { isNew, nextAssigned } from "./last_position.js";

const BLIND = "Others label this video too, and agreement only counts if nobody saw the other answers first. "
  + "Once you have answered every picture, suggestions and disagreements are shown again.";

export class Header {
  /** `open(id)` shows a video; `help()` the keys; `takeRefused()` hands over the labels that the server refused. */
  constructor({ open, help, takeRefused }) {
    this.open = open;
    this.assigned = h("nav.assigned", { "aria-label": "Videos assigned to you", hidden: true });
    this.video = menu(".video", "Video", [], (id) => open(Number(id)));
    this.frame = h("b.frame");
    this.time = h("span.time");
    this.blind = h("span.blind", { role: "note", title: BLIND, hidden: true }, h("b", {}, "Blind"), " · no suggestions or labels of others until you have answered every picture");
    this.state = h("span.safe");
    this.others = h("span.others");
    this.problem = h("div.problem", { role: "alert" });
    this.take = button(".command", { onclick: takeRefused }, "Download and remove them");
    const keys = button(".icon", { title: "Show all keys (?)", "aria-label": "Show all keys", onclick: help }, "?");
    this.line = h("div.top", {}, this.video, this.frame, this.time, this.blind, h("span.space"), this.others, this.state, keys);
  }

  show({ tracks, position, alike, videos, others, sync, trouble }) {
    this.tell(sync, trouble, Boolean(tracks?.labelled));
    this.offer(videos, tracks?.video.id);
    if (!tracks) return;
    const time = tracks.times[position];
    write(this.frame, `Frame ${tracks.indexes[position]}`);
    write(this.time, `${position + 1} of ${count(tracks.length)}${time === null ? "" : ` · ${time.toFixed(2)} s`}${alike > 1 ? ` · ${alike} nearly identical` : ""}`);
    this.blind.hidden = !tracks.blind;
    if (others !== this.peers) this.meet(others);
  }

  /** Fill the menu and what is assigned; each video says how much of it is labelled. */
  offer(videos, id) {
    const { labelled, answered } = videos.find((video) => video.id === id) ?? {};
    if (videos === this.videos && id === this.id && labelled === this.labelled && answered === this.answered) return;
    if (videos !== this.videos) this.video.replaceChildren(...videos.map((video) => h("option", { value: video.id })));
    Object.assign(this, { videos, id, labelled, answered });
    for (const [place, video] of videos.entries()) write(this.video.options[place], label(video));
    this.video.value = id;
    const mine = videos.filter((video) => video.assigned);
    this.assigned.hidden = !mine.length;
    const chips = mine.map((video) => this.chip(video, nextAssigned(mine) === video));
    this.assigned.replaceChildren(h("b", {}, "Assigned to you"), h("span.remaining", {}, remaining(mine)), ...chips);
  }

  chip(video, next) {
    const { key, answered, frames } = video;
    const done = answered === frames;
    const chip = button(
      ".assignment", { title: `${key}: ${answered} of ${frames} pictures fully answered`, onclick: () => this.open(video.id) },
      done ? "✓ " : next ? "Next: " : "", key, h("progress", { max: frames, value: answered, hidden: done, "aria-hidden": "true" }),
    );
    mark(chip, "next", next);
    mark(chip, "aria-current", video.id === this.id);
    return chip;
  }

  meet(others) {
    this.peers = others;
    const where = others.map(({ annotator, video, index }) => `${annotator}: frame ${index} of ${video}`);
    const peers = others.length > 2
      ? [h("span.peer", { title: where.join("\n") }, `${others.length} others`)]
      : others.map(({ annotator }, place) => h("span.peer", { title: where[place] }, annotator));
    this.others.replaceChildren(...(peers.length ? ["also here: ", ...peers] : []));
  }

  tell(sync, trouble, isLabelled) {
    const { waiting, open, problem } = sync;
    const rest = isLabelled ? "✓ saved" : "not labelled yet";
    mark(this.state, "bad", Boolean(problem));
    write(this.state, problem ? `${labels(waiting)} not saved` : !waiting ? rest : waiting === open ? "labelling …" : `saving ${waiting - open} …`);
    const problems = [...problemsOf(sync), ...(trouble ? [trouble] : [])];
    if (problems.join() === this.problems) return;
    this.problems = problems.join();
    this.problem.replaceChildren(...problems.map((text) => h("p", {}, text)), ...(sync.refusals.length ? [this.take] : []));
  }
}

const count = (number) => number.toLocaleString("en");
const label = (video) => `${video.key} · ${count(video.labelled)} of ${count(video.frames)}${isNew(video) ? " · new" : ""}`;
const labels = (number) => (number === 1 ? "1 label" : `${number} labels`);

function remaining(videos) {
  const open = videos.filter((video) => video.answered < video.frames);
  const frames = open.reduce((sum, video) => sum + video.frames - video.answered, 0);
  return open.length ? `${open.length} of ${videos.length} left, ${count(frames)} pictures` : "All done. Thank you!";
}

function problemsOf({ waiting, problem, full, refusals }) {
  const where = full ? "in this page: do not close it" : "in this browser, even if you close the page";
  const gone = waiting ? `${labels(waiting)} wait ${where}. They are sent as soon as possible.` : "Go on: your labels wait here and are sent as soon as possible.";
  const problems = [];
  if (problem === "gone") problems.push(`The server does not answer. ${gone}`);
  else if (problem) problems.push(`Labels cannot be saved now. ${problem} ${gone}`);
  if (full && !problem) problems.push("This browser’s storage is full. Do not close the page before all labels are saved.");
  if (refusals.length) problems.push(`${labels(refusals.length)} ${refusals.length === 1 ? "was" : "were"} not saved: ${refusals[0]}`);
  return problems;
}
