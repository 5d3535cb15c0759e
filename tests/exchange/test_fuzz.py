"""Damaged and odd tables, zips and folders: refused in one line, and nothing is half stored."""

import random
import zipfile
from pathlib import Path

import pytest

from core.errors import SeamLensError
from core.exchange.add_pictures import add_paths
from core.exchange.preview_folder import preview_path
from core.labels.consensus import consensus
from core.media.library import frame_table
from core.workspace import create
from tests.helpers import sheets
from tests.helpers.tiny_videos import save, textured

TRIES = 520
HEADERS = [
    "",
    "name",
    "Dateiname",
    "good",
    "Good",
    "error",
    "index",
    "video",
    "boxes",
    "part",
    "Riß",
    "#",
    "a" * 300,
    "name\n2",
    "=1+1",
]
CELLS = [
    "",
    "True",
    "FALSCH",
    "x",
    "1",
    "0",
    "0.93",
    "0,5",
    "a.png",
    "A.PNG",
    "b",
    "C:\\x\\y.png",
    "nan",
    "#",
    '"',
    "\0",
    "Ö",
    "é" * 90,
    ";",
    ",",
    "\n",
    "-1",
]


def table(random: random.Random, seed: int) -> bytes:
    if random.random() < 0.5:
        words = random.choice([("True", "False", ""), ("WAHR", "FALSCH", "-"), ("x", "", "")])
        rows = [
            f"{name}{seed}.png,{random.choice(words)}"
            for name in random.sample("abcde", random.randint(1, 3))
        ]
        return "\n".join(["name,good", *rows]).encode()
    width, mark = random.randint(1, 7), random.choice([",", ";", "\t", "|"])
    rows = [
        random.choices(HEADERS, k=width),
        *(
            random.choices(CELLS, k=max(1, width + random.choice([0] * 8 + [1, -1])))
            for _ in range(random.randint(0, 6))
        ),
    ]
    text = random.choice(["\n", "\r\n", "\r"]).join(mark.join(row) for row in rows)
    content = text.encode(random.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]), errors="replace")
    return damaged(random, content) if random.random() < 0.3 else content


def damaged(random: random.Random, content: bytes) -> bytes:
    """Flip, cut or add some bytes."""
    data = bytearray(content)
    for _ in range(random.randint(1, 6)):
        if data:
            data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data[: random.randint(0, len(data))]) if random.random() < 0.4 else bytes(data)


def bring(random: random.Random, seed: int, folder: Path, pictures: list[bytes]) -> Path:
    """Make a folder or a zip of something."""
    depths = ["", "train/", "Testdaten/", "Apple/", "Öse/x/", "images/", "labels/"]
    files = {
        f"{random.choice(depths)}{random.choice('abcde')}{seed}{random.choice(['.png', '.png', '.png', '.PNG', '.txt'])}": random.choice(
            pictures
        )
        for _ in range(random.randint(2, 8))
    }
    if random.random() < 0.7:
        files[f"{random.choice(depths)}labels.csv"] = table(random, seed)
    if random.random() < 0.2:
        book = sheets.xlsx(
            folder / "book.xlsx",
            A=[random.choices(HEADERS[:6], k=3), random.choices(["a", True, 1, None], k=3)],
        )
        files["labels.xlsx"] = (
            damaged(random, book.read_bytes()) if random.random() < 0.5 else book.read_bytes()
        )
        book.unlink()
    if random.random() < 0.5:
        with zipfile.ZipFile(
            folder / "new.zip", "w", random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
        ) as archive:
            for name, content in files.items():
                archive.writestr(name.replace("/", random.choice("/\\")), content)
        if random.random() < 0.6:
            (folder / "new.zip").write_bytes(damaged(random, (folder / "new.zip").read_bytes()))
        return folder / "new.zip"
    for name, content in files.items():
        (folder / "new" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "new" / name).write_bytes(content)
    (folder / "new").mkdir(exist_ok=True)
    return folder / "new"


def brought(folder: Path, pictures: list[bytes]) -> Path:
    """Write a folder of pictures, so that the workspace is no longer empty and keeps its attributes."""
    folder.mkdir()
    for number, content in enumerate(pictures):
        (folder / f"first{number}.png").write_bytes(content)
    return folder


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_whatever_is_brought_is_stored_whole_or_refused_in_a_line(tmp_path: Path) -> None:
    pictures = [save(tmp_path / f"{n}.png", textured(n, 12, 16)).read_bytes() for n in range(3)]
    workspace = create(tmp_path / "ws")
    add_paths(workspace.path, [brought(tmp_path / "first", pictures)])
    pictures = [*pictures * 5, b"no picture"]
    stored = refused = 0
    for seed in range(TRIES):
        luck = random.Random(seed)
        folder = tmp_path / f"try{seed}"
        folder.mkdir()
        path = bring(luck, seed, folder, pictures)
        before = (
            len(frame_table(workspace)),
            int(consensus(workspace)[["good", "error"]].notna().to_numpy().sum()),
        )
        files = sorted(workspace.frames.rglob("*"))
        meaning = luck.choice([None, None, "groups", "groups", "parts", "classes"])
        try:
            preview_path(workspace.path, path)
            add_paths(workspace.path, [path], meaning=meaning)
            stored += 1
        except SeamLensError as error:
            refused += 1
            assert "\n" not in str(error) and error.problem and error.advice, (seed, error)
            assert before == (
                len(frame_table(workspace)),
                int(consensus(workspace)[["good", "error"]].notna().to_numpy().sum()),
            ), seed
            assert sorted(workspace.frames.rglob("*")) == files, seed
        assert not list(workspace.path.glob(".upload*")) and not list(workspace.path.glob(".adding-*")), seed
    assert stored > 20 and refused > 100
