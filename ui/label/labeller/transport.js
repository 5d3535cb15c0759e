/* Below the frame: play, speed, steps. */

import { button, h, icon, mark, write } from "./dom.js";
import { SPEEDS } from "./player.js";

export class Transport {
  constructor(player, act) {
    this.player = player;
    const command = (name, label, title) => button(".icon", { title, "aria-label": title, onclick: () => act(name) }, label);
    this.play = command("play", icon("play"), "Play and pause (space)");
    this.speed = h("select", { "aria-label": "Speed", onchange: () => { player.speed = Number(this.speed.value); player.changed(); this.speed.blur(); } },
      ...SPEEDS.map((speed) => h("option", { value: speed }, `${speed}×`)));
    this.rate = h("span.rate");
    this.element = h(
      "div.transport", {}, command("first", icon("first"), "First frame (Home)"), command("back10", icon("back10"), "10 frames back (Shift+←)"),
      command("back", icon("back"), "Frame before (←)"), this.play, command("next", icon("next"), "Next frame (→)"),
      command("next10", icon("next10"), "10 frames on (Shift+→)"), command("last", icon("last"), "Last frame (End)"), this.speed, this.rate,
    );
    this.show();
  }

  show() {
    this.play.replaceChildren(icon(this.player.playing ? "pause" : "play"));
    mark(this.play, "aria-pressed", this.player.playing);
    this.speed.value = this.player.speed;
    write(this.rate, `${Number(this.player.rate.toFixed(1))} frames a second`);
  }
}
