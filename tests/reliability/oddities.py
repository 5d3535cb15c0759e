"""Tables of what can be wrong with a text, a number, a file or a JSON value."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

DIGITS = "9" * 5000
TEXTS = {
    "empty": "", "blank": "   ", "5,000 digits": DIGITS, "negative": "-1", "not a number": "nan", "infinite": "inf",
    "1e400": "1e400", "fraction": "0.5.5", "control": "a\x07b", "line feed": "a\nb", "half a pair": "a\udce4",
    "turned": "a\u202eb", "address": "ä ?%23#&=/", "up": "../../../etc", "long": "n" * 400, "option": "--", "dot": ".",
    "other digits": "٣", "superscript": "²", "equals": "=", "comma": ",,,", "curly": "{0}", "quotes": "'\"", "NUL": "a\0b",
}  # fmt: skip
"""What somebody may write where a name or a number is asked for."""

VALUES: dict[str, Any] = {
    "null": None, "text": "x", "empty text": "", "list": [], "object": {}, "negative": -1, "fraction": 1.5, "true": True,
    "huge": 10**30, "infinite": float("inf"), "nan": float("nan"), "nested": [[{}]], "control": "\x00\x07", "half a pair": "\ud800",
}  # fmt: skip
"""What may stand in JSON in the place of a value."""

Damage = Callable[[Path], None]


def _written(content: bytes) -> Damage:
    def damage(path: Path) -> None:
        _remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return damage


def _remove(path: Path) -> None:
    if path.is_file() or path.is_symlink():
        path.unlink()


def _changed(change: Callable[[bytes], bytes]) -> Damage:
    def damage(path: Path) -> None:
        content = path.read_bytes() if path.is_file() else b'{"a": 1}'
        _written(change(content))(path)

    return damage


def _folder(path: Path) -> None:
    _remove(path)
    path.mkdir(parents=True)


def _loop(path: Path) -> None:
    _remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path.name)


def _pipe(path: Path) -> None:
    """Put a pipe there into which nobody writes: who reads it waits for ever."""
    _remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


def _device(path: Path) -> None:
    """Put a device there that has no end."""
    _remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("/dev/zero")


FILES: dict[str, Damage] = {
    "a pipe": _pipe,
    "a device": _device,
    "missing": _remove,
    "empty": _written(b""),
    "truncated": _changed(lambda content: content[: len(content) // 2]),
    "last byte gone": _changed(lambda content: content.rstrip()[:-1]),
    "binary": _written(np.random.default_rng(0).bytes(512)),
    "zeros": _changed(lambda content: bytes(len(content))),
    "UTF-16": _changed(lambda content: content.decode("utf-8", "replace").encode("utf-16")),
    "BOM": _changed(lambda content: b"\xef\xbb\xbf" + content),
    "Latin-1": _changed(lambda content: content + b"\n\xe4\xf6\xfc"),
    "a folder": _folder,
    "a loop of links": _loop,
    "5,000 digits": _written(DIGITS.encode()),
    "a number": _written(b"5"),
    "a list": _written(b'[1, "x", null]'),
    "null": _written(b"null"),
    "deep": _written(b"[" * 100_000),
    "NaN": _written(b"NaN"),
    "another object": _written(b'{"x": {"y": [1]}}'),
    "HTML": _written(b"<!doctype html><title>404</title>"),
    "one comma": _written(b",\n,,\n"),
    "columns without rows": _changed(lambda content: content.split(b"\n")[0] + b"\n"),
    "words for numbers": _changed(lambda content: content.replace(b"0", b"x").replace(b"1", b"y")),
    "short rows": _changed(lambda content: b"\n".join(line.split(b",")[0] for line in content.split(b"\n"))),
}
"""What may have become of a file."""


def values_changed(file: Path) -> Iterator[tuple[str, Damage]]:
    """Yield for each value of a JSON file, two levels deep, a way to lose it and one to give it another kind.

    Of JSON lines the first line counts.
    """
    first, *rest = file.read_text().split("\n") if file.suffix == ".jsonl" else [file.read_text()]
    odd = list(VALUES.items())
    for number, way in enumerate(_ways(json.loads(first))):
        for place, (word, value) in enumerate([("gone", None), odd[number % len(odd)]]):
            entry = json.loads(first)
            holder = entry
            for key in way[:-1]:
                holder = holder[key]
            if place == 0:
                del holder[way[-1]]
            else:
                holder[way[-1]] = value
            text = "\n".join([json.dumps(entry), *rest])
            yield f"{'.'.join(map(str, way))} {word}", _written(text.encode())


def _ways(value: Any, depth: int = 2) -> Iterator[tuple[Any, ...]]:
    items = (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    )
    for key, inner in list(items):
        yield (key,)
        if depth > 1:
            yield from ((key, *way) for way in _ways(inner, depth - 1))
