/* What the page loads: it keeps one labeller alive over the runs of the page. */

import { Labeller } from "./app.js";

/** Called by the Streamlit component whenever the page runs; the labeller stays unless its settings have changed. */
export function open({ data, parentElement, setTriggerValue }) {
  const known = JSON.stringify({ ...data, at: null, suggest: null }); // where and how to begin is said once
  const kept = parentElement.labeller;
  if (kept?.known === known) {
    kept.quit = (value) => setTriggerValue("quit", value);
    return;
  }
  kept?.close();
  parentElement.labeller = new Labeller(data, parentElement, (value) => setTriggerValue("quit", value));
  parentElement.labeller.known = known;
}
