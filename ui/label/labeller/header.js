/* Above the frame: which video, which frame, who else is here, and whether every label is safe. */

import { Assigned } from "./assigned.js";
import { button, h, mark, write } from "./dom.js";

const BLIND = "Others label this video too, and agreement only says something where nobody saw the other answers first. "
  + "Once every frame has all your answers, suggestions and disputed frames are here again.";

export class Top {
  /** `open(id)` shows a video; `help()` the keys; `take()` hands over the labels that the server refused. */
  constructor({ open, help, take }) {
    this.choice = h("select.video", { "aria-label": "Video", onchange: () => { open(Number(this.choice.value)); this.choice.blur(); } });
    this.frame = h("b.frame");
    this.time = h("span.time");
    this.blind = h("span.blind", { role: "note", title: BLIND, hidden: true }, h("b", {}, "Blind"), " · no suggestions, no labels of others until you have answered every frame");
    this.state = h("span.safe");
    this.others = h("span.others");
    this.problem = h("div.problem", { role: "alert" });
    this.take = button(".command", { onclick: take }, "Save them as a file and clear");
    const keys = button(".icon", { title: "Keys (?)", "aria-label": "Show the keys", onclick: help }, "?");
    this.assigned = new Assigned(open);
    this.line = h("div.top", {}, this.choice, this.frame, this.time, this.blind, h("span.space"), this.others, this.state, keys);
  }

  /** Fill the menu of videos; each says how much of it is labelled. */
  offer(videos, current) {
    this.videos = videos;
    this.choice.replaceChildren(...videos.map((video) => h("option", { value: video.id }, label(video))));
    this.choice.value = current;
    this.assigned.offer(videos, current);
  }

  /** Keep the menu true while a video is labelled. */
  count(film) {
    const video = this.videos.find(({ id }) => id === film.video.id);
    if (!video || (video.labelled === film.labelled && video.answered === film.answered)) return;
    Object.assign(video, { labelled: film.labelled, answered: film.answered });
    this.assigned.show();
    write([...this.choice.options].find((option) => Number(option.value) === video.id), label(video));
  }

  show({ film, position, run }) {
    write(this.frame, `Frame ${film.indexes[position]}`);
    this.blind.hidden = !film.blind;
    const time = film.times[position];
    const alike = run && run[1] > run[0] ? ` · ${run[1] - run[0] + 1} look-alikes` : "";
    write(this.time, `${position + 1} of ${film.length.toLocaleString("en")}${time === null ? "" : ` · ${time.toFixed(2)} s`}${alike}`);
  }

  /** Say whether the labels are safe. */
  tell({ outbox, trouble }) {
    const { length: waiting, open, problem } = outbox;
    const doing = waiting === open ? "painting …" : `saving ${waiting - open} …`;
    mark(this.state, "bad", Boolean(problem));
    write(this.state, problem ? `${labels(waiting)} waiting` : waiting ? doing : "✓ saved");
    const said = [...problems(outbox), ...(trouble ? [trouble] : [])];
    if (said.join() === this.said) return;
    this.said = said.join();
    this.problem.replaceChildren(...said.map((text) => h("p", {}, text)), ...(outbox.refused.size ? [this.take] : []));
  }

  /** Say who else is labelling. */
  meet(others) {
    const where = ({ annotator, video, index }) => `${annotator}: frame ${index} of ${video}`;
    const few = others.length > 2 ? [`${others.length} others`] : others.map(({ annotator }) => annotator);
    const names = few.map((name, place) =>
      h("span.peer", { title: others.length > 2 ? others.map(where).join("\n") : where(others[place]) }, name));
    this.others.replaceChildren(...(names.length ? ["also here: ", ...names] : []));
  }
}

const label = ({ key, frames, labelled }) => `${key} · ${labelled.toLocaleString("en")} of ${frames.toLocaleString("en")}`;
const labels = (number) => (number === 1 ? "1 label" : `${number} labels`);

/** Return what is wrong, one sentence each. */
function problems({ length: waiting, problem, full, refused }) {
  const said = [];
  if (problem === "gone") {
    const kept = full ? "in this page: do not close it" : "in this browser, also when the page is closed";
    said.push(`The server does not answer. ${waiting ? `${labels(waiting)} wait ${kept}; they are sent when it is back.` : "Go on: your labels wait here, and are sent when it is back."}`);
  } else if (problem) said.push(`The server does not take labels: ${problem}.${waiting ? ` ${labels(waiting)} wait here.` : ""}`);
  if (full && problem !== "gone") said.push("The storage of this browser is full: do not close the page before all labels are saved.");
  if (refused.size) said.push(`${labels(refused.size)} ${refused.size === 1 ? "was" : "were"} not stored: ${[...refused.values()][0].refused}`);
  return said;
}
