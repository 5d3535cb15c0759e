"""Attributes in a line of text: a dot of the attribute's colour and what is said of it."""

from collections.abc import Iterable, Mapping
from html import escape

import streamlit as st

from core.attributes import Answer, Attribute, AttributeSet

SAID = {True: "true", False: "false", None: "unset"}


def meaning(attribute: Attribute, answer: Answer) -> str:
    """Return an answer in words, with its own meaning where false has one: ``length: true (2 mm stitches)``."""
    words = f"{attribute.name}: {SAID[answer]}"
    explained = {True: attribute.true, False: attribute.false, None: ""}[answer]
    return f"{words} ({explained})" if explained and attribute.false else words


def chip(attribute: Attribute, text: str, answer: Answer = True) -> str:
    """Return a chip as HTML: filled dot for true, hollow for false, dashed and pale for unset."""
    return f'<span class="chip {SAID[answer]}" style="--c:{attribute.colour}"><i></i>{escape(text)}</span>'


def chips(attributes: AttributeSet, answers: Mapping[str, Answer]) -> None:
    """Write one chip per attribute with its answer."""
    row(chip(a, meaning(a, answers.get(a.name)), answers.get(a.name)) for a in attributes)


def row(html: Iterable[str]) -> None:
    """Write ready chips in one wrapping line."""
    st.html(f'<div class="chips">{"".join(html)}</div>')


def legend(attributes: AttributeSet) -> None:
    """Write what the colours stand for and what true and false mean."""
    row(chip(a, f"{a.name}: {a.true}" + (f", else {a.false}" if a.false else "")) for a in attributes)
