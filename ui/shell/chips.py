"""Attributes in a line of text: a dot of the attribute's colour and what is said of it."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from core.attributes import Answer, Attribute

SAID = {True: "true", False: "false", None: "unset"}


def meaning(attribute: Attribute, answer: Answer) -> str:
    """Return an answer in words, with its own meaning where false has one: ``length: true (2 mm stitches)``."""
    words = f"{attribute.name}: {SAID[answer]}"
    explained = {True: attribute.true, False: attribute.false, None: ""}[answer]
    return f"{words} ({explained})" if explained and attribute.false else words


def chip(attribute: Attribute, text: str, answer: Answer = True) -> str:
    """Return a chip as HTML: filled dot for true, hollow for false, dashed and pale for unset."""
    return f'<span class="chip {SAID[answer]}" style="--c:{attribute.colour}"><i></i>{escape(text)}</span>'


def row(html: Iterable[str]) -> None:
    """Write ready chips in one wrapping line."""
    st.html(f'<div class="chips">{"".join(html)}</div>')


def lines(html: Iterable[str]) -> None:
    """Write ready chips one below the other; a long one wraps."""
    st.html(f'<div class="chips lines">{"".join(html)}</div>')
