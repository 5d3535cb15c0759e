"""One picture in many disguises: the labeller, training, live view and export show the same, to a few grey levels."""

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from core import workspace
from core.attributes import named
from core.exchange.add_pictures import add_folder
from core.exchange.export_tables import export_tables
from core.labels.labels import record
from core.live import sources
from core.media.images import SHOWN_ENDINGS
from core.media.library import frame_table, get_video, picture_file, read_frame
from core.videos.add_video import add_video
from core.workspace import Workspace
from tests.helpers.cases import CASES

LEVELS = 6
"""Of 255 by which the mean over blocks of 16 pixels may differ."""


def upright() -> np.ndarray:
    """Return (96, 128, 3) uint8 RGB: smooth, no two sides alike."""
    corners = np.array([[[200, 60, 60], [90, 160, 90]], [[60, 60, 190], [220, 220, 220]]], np.uint8)
    return cv2.resize(corners, (128, 96), interpolation=cv2.INTER_LINEAR)


def turned(orientation: int, **how: object) -> Callable[[Path], None]:
    stored = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}

    def save(path: Path) -> None:
        image, exif = Image.fromarray(upright()), Image.Exif()
        exif[274] = orientation
        if orientation != 1:
            image = image.transpose(stored[orientation])
        image.save(path, exif=exif if path.suffix == ".tif" else exif.tobytes(), **how)  # type: ignore[arg-type]

    return save


def deep(bits: int) -> Callable[[Path], None]:
    def save(path: Path) -> None:
        cv2.imwrite(
            str(path), (upright()[..., ::-1].astype(np.uint32) * (2**bits - 1) // 255).astype(np.uint16)
        )

    return save


DISGUISES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "jpeg": ("a.jpg", turned(1, quality=95)),
    "jpeg on its side": ("a.jpg", turned(6, quality=95)),
    "png upside down": ("a.png", turned(3)),
    "webp on its side": ("a.webp", turned(8, quality=95)),
    "tiff on its side": ("a.tif", turned(6)),
    "avif on its side": ("a.avif", turned(8, quality=95)),
    "heic on its side": ("a.heic", turned(6, quality=95)),
    "cmyk": ("a.jpg", lambda path: Image.fromarray(upright()).convert("CMYK").save(path, quality=97)),
    "10 bits": ("a.png", deep(10)),
    "16 bits": ("a.tif", deep(16)),
    "palette": ("a.gif", lambda path: Image.fromarray(upright()).quantize(256).save(path)),
    "jpeg 2000": ("a.jp2", lambda path: Image.fromarray(upright()).save(path)),
}


def assert_same(picture: np.ndarray) -> None:
    """Compare (H, W, 3) uint8 BGR with the picture."""
    ours, right = (cv2.resize(each.astype(np.float32), (8, 6), interpolation=cv2.INTER_AREA)
                   for each in (picture, upright()[..., ::-1]))  # fmt: skip
    assert picture.shape == (96, 128, 3)
    assert np.abs(ours - right).max() <= LEVELS


def in_browser(ws: Workspace, name: str) -> np.ndarray:
    """Return the stored picture of a frame as a browser draws it."""
    row = frame_table(ws).set_index("name").loc[name]
    file = picture_file(ws, get_video(ws, row["video"]).id, int(row["index"]))
    assert file.suffix in SHOWN_ENDINGS
    with Image.open(io.BytesIO(file.read_bytes())) as image:
        assert image.mode in ("RGB", "L")
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))[..., ::-1]


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_picture_is_the_same_everywhere(tmp_path: Path, disguise: str) -> None:
    name, save = DISGUISES[disguise]
    folder = tmp_path / "in"
    folder.mkdir()
    save(folder / name)
    ws = workspace.create(tmp_path / "ws", named(["good"]))
    add_folder(ws.path, folder)
    [frame] = frame_table(ws)["name"]
    record(ws, "Ann", str(frame_table(ws)["video"][0]), 0, 0, {"good": True}, source="key")
    export_tables(ws, tmp_path / "out")
    assert_same(in_browser(ws, frame))
    assert_same(read_frame(ws, frame))
    assert_same(next(sources.find_source(ws, folder).frames()).picture)
    assert_same(cv2.imread(str(tmp_path / "out" / f"{frame}.png")))
    assert add_folder(ws.path, folder).pictures == 0  # the same picture, when it comes again


def test_what_shows_through_is_white_everywhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.new("RGBA", (128, 96), (200, 0, 0, 0)).save(tmp_path / "in" / "a.png")
    ws = add_folder(tmp_path / "ws", tmp_path / "in").workspace
    assert (read_frame(ws, "a") == 255).all() and (in_browser(ws, "a") == 255).all()


def test_an_hdr_video_is_the_same_as_its_sdr(tmp_path: Path) -> None:
    ws = workspace.create(tmp_path / "ws")
    for name in ("sdr", "hlg"):
        add_video(ws, CASES / "colour" / f"{name}.mp4")
    sdr, hlg = (read_frame(ws, f"{name}_5")[120, 16::40].astype(int) for name in ("sdr", "hlg"))
    live = (
        next(sources.find_source(ws, CASES / "colour" / "hlg.mp4").frames()).picture[120, 16::40].astype(int)
    )
    assert np.abs(sdr - hlg).max() <= 8 and np.abs(sdr - live).max() <= 8
