"""Pictures as people bring them: whatever the file is, the same picture."""

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from core.errors import MediaError
from core.media import picture_limits
from core.media.images import read_picture
from core.media.incoming_pictures import look_at, notes, read_content, read_incoming
from core.media.picture_colours import white_of
from tests.helpers.cases import CASES

ORIENTATION = 274
TURNED = {  # EXIF orientation: what a camera has to store so that the picture is upright
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


def upright() -> np.ndarray:
    """Return (60, 80, 3) uint8 RGB: a red and a blue corner, grey, and a ramp; no two sides alike."""
    picture = np.full((60, 80, 3), 128, np.uint8)
    picture[:30, :40], picture[30:, 40:] = (200, 40, 40), (40, 40, 200)
    picture[30:, :40] = np.linspace(30, 220, 40).astype(np.uint8)[None, :, None]
    return picture


def saved(path: Path, image: Image.Image, **how: Any) -> Path:
    image.save(path, **how)
    return path


def assert_is_upright(picture: np.ndarray, levels: int = 4, grey: bool = False) -> None:
    right = upright()
    if grey:
        right = cv2.cvtColor(cv2.cvtColor(right, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert (picture.shape, picture.dtype) == ((60, 80, 3), np.uint8)
    assert (
        np.abs(picture[..., ::-1].astype(float) - right).mean() <= levels
    )  # a wrong turn or colour is over 25


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.jpg", {"quality": 95, "subsampling": 0}), ("a.png", {}), ("a.webp", {"lossless": True}), ("a.tif", {}),
        ("a.avif", {"quality": 95}), ("a.heic", {"quality": 95}),
    ],
)  # fmt: skip
def test_a_picture_of_any_kind_is_upright(
    tmp_path: Path, name: str, how: dict[str, Any], orientation: int
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image = TURNED[orientation](Image.fromarray(upright()))
    tags = exif if name.endswith("tif") else exif.tobytes()
    [picture] = look_at([saved(tmp_path / name, image, exif=tags, **how)])
    assert_is_upright(picture.read())
    stored = tmp_path / f"stored{picture.suffix}"
    stored.write_bytes(picture.content())
    assert picture.suffix in (".jpg", ".png", ".webp")
    assert np.array_equal(read_picture(stored), picture.read()) or picture.format in ("AVIF", "HEIF")


def deep(bits: int) -> np.ndarray:
    return (upright()[..., ::-1].astype(np.uint32) * ((1 << bits) - 1) // 255).astype(np.uint16)


def colour(name: str, path: Path) -> Path:
    """Write a picture in one of its disguises."""
    rgb, grey = Image.fromarray(upright()), Image.fromarray(upright()).convert("L")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if name == "CMYK.jpg":
        return saved(path, rgb.convert("CMYK"), quality=97)
    if name == "palette.gif":
        return saved(path, rgb.quantize(64))
    if name == "alpha.png":
        rgba = np.dstack([upright(), np.full((60, 80), 255, np.uint8)])
        rgba[:5, :5] = (9, 9, 9, 0)
        return saved(path, Image.fromarray(rgba))
    if name == "srgb.png":
        return saved(path, rgb, icc_profile=profile)
    if name.startswith("grey1"):
        values = deep(int(name[4:6]))
        cv2.imwrite(str(path), cv2.cvtColor(values, cv2.COLOR_BGR2GRAY))
    elif name.startswith("rgb"):
        cv2.imwrite(str(path), deep(int(name[3:5])))
    elif name == "float.tif":
        cv2.imwrite(str(path), upright()[..., ::-1].astype(np.float32) / 255)
    elif name == "grey_float.tif":
        return saved(path, Image.fromarray(np.asarray(grey, np.float32) / 255))
    return path


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("CMYK.jpg", 1), ("palette.gif", 1), ("alpha.png", 1), ("srgb.png", 1), ("grey12.png", 200 / 255), ("grey16.tif", 1),
        ("rgb10.png", 1), ("rgb12.tif", 1), ("rgb16.png", 1), ("rgb16.jp2", 1), ("float.tif", 1), ("grey_float.tif", 1),
    ],
)  # fmt: skip
def test_a_picture_in_disguise_is_the_same(tmp_path: Path, name: str, scale: float) -> None:
    picture = read_incoming(colour(name, tmp_path / name))
    if name == "alpha.png":
        assert (picture[:4, :4] == 255).all()  # transparent is white, whatever colour hides there
        picture[:5, :5] = upright()[:5, :5, ::-1]
    assert_is_upright(picture, 6 if name in ("CMYK.jpg", "palette.gif") else 2, "grey" in name)


def test_colours_of_a_wide_profile_become_srgb(tmp_path: Path) -> None:
    """A profile with red and green exchanged shows that it is used."""
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    swapped[:] = swapped.replace(b"rXYZ", b"tmpp").replace(b"gXYZ", b"rXYZ").replace(b"tmpp", b"gXYZ")
    swapped[:] = swapped.replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be")).replace(
        b"sRGB", b"odd!"
    )
    path = saved(tmp_path / "a.png", Image.new("RGB", (8, 8), (200, 0, 0)), icc_profile=bytes(swapped))
    blue, green, red = read_incoming(path)[4, 4].tolist()
    assert green > 150 > red and blue < 100


def test_pictures_of_one_camera_are_scaled_alike() -> None:
    cameras = look_at(sorted((CASES / "picture-kinds").glob("cam_*.png")))
    brightest = [int(picture.read().max()) for picture in cameras]
    assert brightest == [76, 153, 229]  # of 1228, 2457 and 3685 in 12 bits
    assert "4,095 is white" in notes(cameras)[0]


@pytest.mark.parametrize(
    ("maximum", "kind", "white"),
    [(200, "integer", 255), (900, "integer", 1023), (4095, "integer", 4095), (4096, "integer", 16383),
     (60000, "integer", 65535), (0.7, "float", 1), (254.0, "float", 255)],
)  # fmt: skip
def test_white_is_the_full_scale_of_the_depth(maximum: float, kind: str, white: float) -> None:
    assert white_of(maximum, kind) == white


def test_of_several_pages_the_first_is_read_and_the_others_are_said() -> None:
    [pages] = look_at([CASES / "picture-kinds" / "multi.tif"])
    assert (pages.read() == (0, 0, 255)).all()
    assert "multi.tif (3)" in notes([pages])[0]


def test_an_iphone_folder_is_read_by_content() -> None:
    pictures = look_at(sorted((CASES / "heic" / "mixed").iterdir()))
    assert [picture.read().shape for picture in pictures] == [(240, 320, 3)] * 6
    assert [picture.suffix for picture in pictures] == [".jpg"] * 6
    assert [picture.is_plain for picture in pictures] == [False] * 3 + [True] * 3


def test_plain_pictures_are_stored_unchanged() -> None:
    for picture in look_at(sorted((CASES / "orientation" / "oth").iterdir())):
        assert picture.is_plain and picture.content() == picture.file.read_bytes()


def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path) -> None:
    path = saved(tmp_path / "huge.png", Image.new("1", (20_000, 6_000)))
    with pytest.raises(MediaError, match=r"huge\.png has more than 100 megapixels"):
        look_at([path])


@pytest.mark.parametrize(
    ("name", "mode"), [("grey.png", "L"), ("alpha.png", "RGBA"), ("deep.png", "I;16"), ("page.tiff", "1")]
)
def test_a_small_file_that_becomes_a_huge_picture_is_refused_by_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, mode: str
) -> None:
    options = {"compression": "group4"} if name.endswith(".tiff") else {}
    path = saved(tmp_path / name, Image.new(mode, (5_000, 5_000)), **options)
    monkeypatch.setattr(Image.Image, "load", None)  # nothing is decoded
    with pytest.raises(MediaError, match=r"would be 5,000 × 5,000 pixels from \d+ kB"):
        look_at([path])


@pytest.mark.parametrize(
    "kind", [b"VP8X" + bytes(8) + b"\xff\x3f\0\xff\x3f\0", b"VP8L" + bytes(4) + b"\x2f" + b"\xff" * 4]
)
def test_a_webp_is_measured_before_pillow_makes_room_for_it(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "huge.webp"
    path.write_bytes(b"RIFF\0\0\0\0WEBP" + kind + bytes(100))
    with pytest.raises(MediaError, match="more than 100 megapixels"):
        look_at([path])


def test_the_size_of_a_webp_is_the_one_pillow_reads(tmp_path: Path) -> None:
    for options in ({"lossless": True}, {"quality": 50}, {"quality": 50, "exact": True}):
        for mode in ("RGB", "RGBA"):
            path = saved(tmp_path / "a.webp", Image.new(mode, (123, 45), 1), **options)
            assert picture_limits.webp_size(path.read_bytes()) == (123, 45)


def test_a_large_picture_that_would_be_converted_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MOST_CONVERTED", 100)
    with pytest.raises(MediaError, match="would have to be converted"):
        look_at([saved(tmp_path / "alpha.png", Image.new("RGBA", (20, 20)))])


def test_a_file_that_is_too_large_to_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_limits, "MOST_BYTES", 10)
    with pytest.raises(MediaError, match="a picture may have"):
        look_at([saved(tmp_path / "a.png", Image.new("L", (20, 20)))])


def test_a_jpeg_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    content = (CASES / "heic" / "mixed" / "IMG_3.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(MediaError, match="cut off"):
        read_incoming(tmp_path / "cut.jpg")


def test_jpeg_xl_says_what_to_do() -> None:
    with pytest.raises(MediaError, match=r"pillow-jxl-plugin|not a readable"):
        read_content(b"\xff\x0a" + bytes(50), Path("a.jxl"))


@pytest.mark.long
def test_damaged_pictures_are_read_or_refused() -> None:
    """500 pictures with flipped, lost and doubled bytes: a picture, or a sentence."""
    chance = np.random.default_rng(0)
    seeds = []
    for how in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF", "HEIF", "JPEG2000", "BMP"):
        buffer = io.BytesIO()
        Image.fromarray(upright()).save(buffer, format=how)
        seeds.append(buffer.getvalue())
    seeds += [(CASES / "picture-kinds" / name).read_bytes() for name in ("cam_0.png", "multi.tif")]
    refused = 0
    for turn in range(500):
        content = bytearray(seeds[turn % len(seeds)])
        for _ in range(int(chance.integers(1, 12))):
            content[int(chance.integers(len(content)))] = int(chance.integers(256))
        start = int(chance.integers(len(content)))
        if turn % 3 == 1:
            del content[start : start + int(chance.integers(1, 400))]
        if turn % 3 == 2:
            content[start:start] = content[start : start + 40]
        try:
            picture = read_content(bytes(content), Path("odd"))
            assert (picture.ndim, picture.shape[2], picture.dtype) == (3, 3, np.uint8)
        except MediaError:
            refused += 1
    assert 50 < refused < 500
