"""Shortcuts of buttons that work wherever the last click went: into an iframe, or on a slider."""

import streamlit as st

SCRIPT = """
const KINDS = ["keydown", "keyup"];
const heard = new WeakSet();

function handOn(event) {
  if (event.target.closest("input:not([type=range]), textarea, select, [role=listbox], [role=dialog]")) return;
  const { type, key, code, repeat, ctrlKey, shiftKey, altKey, metaKey } = event;
  const same = { key, code, repeat, ctrlKey, shiftKey, altKey, metaKey, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new KeyboardEvent(type, same));
}

function listen() { // to the document that has the keys, where that is another one
  const inside = document.activeElement?.contentDocument;
  if (!inside || heard.has(inside)) return;
  heard.add(inside);
  for (const kind of KINDS) inside.addEventListener(kind, handOn);
}

function fromSlider(event) { // which takes arrows and digits, and has no use for letters
  if (event.target.type === "range" && /^[a-z]$/i.test(event.key)) handOn(event);
}

export default function () {
  listen();
  window.addEventListener("blur", listen);
  for (const kind of KINDS) document.addEventListener(kind, fromSlider);
  return () => {
    window.removeEventListener("blur", listen);
    for (const kind of KINDS) document.removeEventListener(kind, fromSlider);
  };
}
"""


def handed_on() -> None:
    """Hand on to the page, whose buttons have `shortcut=`, what Streamlit leaves to iframes and sliders."""
    st.components.v2.component("seamlens_keys", js=SCRIPT)(key="keys_handed_on", height=1)
