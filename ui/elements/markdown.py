"""What people wrote, on pages that are written in markdown: Streamlit reads it in every text, label and help.

A name such as ``![](https://elsewhere/x)`` would make the browser of everybody who sees it ask there. `md` shows such a text as it is.
``tests/ui/test_markdown.py`` refuses data in a text of a page that has not passed through it.
"""

import re

_MARKS = re.compile(r"[\\`*~\[\]<>$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_STARTS = re.compile(r"^(#+|[-+=]+(?=[\s\-+=]|$)|\d+(?=[.)](\s|$)))")
_WORDS = re.compile(r":(?=[A-Za-z+:/])|(?<=[Ww]{3})(?=\.)")
"""Where emojis, icons, colours and addresses begin, which are found after all marks are read: no mark stops them."""
_JOINER = "\u2060"


class Markdown(str):
    """A text that is markdown on purpose, in which all data has passed through `md`."""

    __slots__ = ()


def md(text: object) -> Markdown:
    """Return data as markdown that shows it as it is, in one line. What is `Markdown` already stays, and None is nothing.

    >>> print(md("*Ann* [me](http://x)")), md("seam_1_0.png, 10:30")
    \\*Ann\\* \\[me\\](http:⁠//x)
    (None, 'seam_1_0.png, 10:30')
    """
    if isinstance(text, Markdown):
        return text
    line = re.sub(r"\s+", " ", "" if text is None else str(text))
    escaped = _MARKS.sub(r"\\\g<0>", line)
    escaped = _STARTS.sub(lambda start: _escaped_start(start[0]), escaped)
    return Markdown(_WORDS.sub(lambda found: found[0] + _JOINER, escaped))


def md_lines(text: object) -> Markdown:
    """Return data as markdown that shows it as it is, line by line."""
    return Markdown("  \n".join(md(line) for line in str(text).splitlines()))


def code(text: object) -> Markdown:
    """Return data as code, in which nothing else is a mark."""
    plain = re.sub(r"[`\s]+", " ", str(text))
    return Markdown(f"`{plain}`")


def _escaped_start(start: str) -> str:
    """Return the start of a line that would be a heading, a list or a rule."""
    return f"{start}\\" if start[0].isdigit() else f"\\{start}"
