"""Answers in a line of text: a dot in the colour of the attribute, then words."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from core.attributes import Answer, Attribute
from core.labels.labels import called

SAID = {True: "true", False: "false", None: "unset"}


def meaning(attribute: Attribute, answer: Answer) -> str:
    """Return an answer in words, with its own meaning where false has one: ``length: true (2 mm stitches)``."""
    meaning = {True: attribute.true, False: attribute.false, None: ""}[answer] if attribute.false else ""
    return f"{attribute.name}: {SAID[answer]}{f' ({meaning})' if meaning else ''}"


def chip(attribute: Attribute, text: str, answer: Answer = True) -> str:
    """Return a chip as HTML: filled dot for true, hollow for false, dashed and pale for unset."""
    return f'<span class="chip {SAID[answer]}" style="--c:{attribute.colour}"><i></i>{escape(text)}</span>'


def row(html: Iterable[str], kind: str = "") -> None:
    """Write ready chips in one wrapping line; of kind ``lines`` one below the other."""
    st.html(f'<div class="chips {kind}">{"".join(html)}</div>')


def given(attribute: Attribute, answers: Iterable[tuple[str, bool]]) -> None:
    """Write who gave which answer."""
    row(chip(attribute, f"{called(name)}: {SAID[answer]}", answer) for name, answer in answers)
