/* Above the frame: which video, which frame, who else is here, and whether every label is safe. */

import { button, h, mark, write } from "./dom.js";

export class Top {
  /** `open(id)` shows a video; `help()` the keys; `take()` hands over the labels that the server refused. */
  constructor({ open, help, take }) {
    this.choice = h("select.video", { "aria-label": "Video", onchange: () => { open(Number(this.choice.value)); this.choice.blur(); } });
    this.frame = h("b.frame");
    this.time = h("span.time");
    this.state = h("span.safe", { role: "status" });
    this.others = h("span.others");
    this.problem = h("div.problem", { role: "alert" });
    this.take = button(".command", { onclick: take }, "Save them as a file and clear");
    const keys = button(".icon", { title: "Keys (?)", "aria-label": "Show the keys", onclick: help }, "?");
    this.line = h("div.top", {}, this.choice, this.frame, this.time, h("span.space"), this.others, this.state, keys);
  }

  /** Fill the menu of videos; each says how much of it is labelled. */
  offer(videos, current) {
    const label = ({ key, frames, labelled }) => `${key} · ${labelled.toLocaleString("en")} of ${frames.toLocaleString("en")}`;
    this.choice.replaceChildren(...videos.map((video) => h("option", { value: video.id }, label(video))));
    this.choice.value = current;
  }

  show({ film, position, run }) {
    write(this.frame, `Frame ${film.indexes[position]}`);
    const time = film.times[position];
    const alike = run && run[1] > run[0] ? ` · ${run[1] - run[0] + 1} look-alikes` : "";
    write(this.time, `${position + 1} of ${film.length.toLocaleString("en")}${time === null ? "" : ` · ${time.toFixed(2)} s`}${alike}`);
  }

  /** Say whether the labels are safe. */
  tell(outbox) {
    const { length: waiting, open, problem, full, refused } = outbox;
    const labels = waiting === 1 ? "1 label" : `${waiting} labels`;
    mark(this.state, "bad", Boolean(problem));
    const doing = waiting === open ? "painting …" : `saving ${waiting - open} …`;
    write(this.state, problem ? `${labels} waiting` : waiting ? doing : "✓ saved");
    const said = [];
    if (problem === "gone") {
      const kept = full ? "in this page: do not close it" : "in this browser, also when it is closed";
      said.push(`The server does not answer. ${waiting ? `${labels} wait ${kept}, and are sent when it is back.` : "Go on: labels wait here and are sent when it is back."}`);
    } else if (problem) said.push(`The server does not take labels: ${problem}.${waiting ? ` ${labels} wait here.` : ""}`);
    if (full && problem !== "gone") said.push("The storage of this browser is full: do not close the page before all labels are saved.");
    if (refused.length) said.push(`${refused.length === 1 ? "1 label was" : `${refused.length} labels were`} not stored: ${refused[0].reason}`);
    if (said.join() === this.said) return;
    this.said = said.join();
    this.problem.replaceChildren(...said.map((text) => h("p", {}, text)), ...(refused.length ? [this.take] : []));
  }

  /** Say who else is labelling. */
  meet(others) {
    const names = others.map(({ annotator, video, index }) => h("span.peer", { title: `at frame ${index} of ${video}` }, annotator));
    this.others.replaceChildren(...(names.length ? ["also here: ", ...names] : []));
  }
}
