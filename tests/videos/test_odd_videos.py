"""Films as phones, cameras and programs make them: right in every frame, or refused, and what was corrected is said."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from sqlalchemy import update

from core import workspace
from core.errors import MediaError
from core.exchange.add_pictures import add_folder
from core.media.images import perceptual_hash, write_jpeg
from core.media.library import frame_table, get_video
from core.storage import database as db
from core.videos.add_video import add_video
from core.videos.forecast import forecast, unplayable
from core.videos.video import Decoded, decode
from tests.helpers.cases import CASES
from tests.helpers.odd_videos import FRAMES, Odd, coarse, corpus, make, referee, scene
from tests.helpers.tiny_videos import HEIGHT, WIDTH, encoded, film, numbered, save, shown


def frames_of(path: Path, salvage: bool = False) -> tuple[list[Decoded], str]:
    """Return the frames of a film, and what was said of it."""
    said: list[str] = []
    return list(decode(path, report=said.append, salvage=salvage)), " ".join(said)


@pytest.mark.parametrize(
    ("name", "count", "size", "last", "words"),
    [
        ("times/b3.avi", 60, (96, 128), 59 / 25, ""),
        ("times/neg.avi", 50, (96, 128), 0.049, "1,000 frames a second"),
        ("times/late.mp4", 50, (96, 128), 1.96, ""),
        ("times/screen.mp4", 60, (96, 128), 59 / 30 + 5, ""),
        ("times/timelapse.mp4", 12, (96, 128), 110, ""),
        ("pixel-aspect/sq.mp4", 10, (576, 720), 0.36, ""),
        ("pixel-aspect/sar1211.mp4", 10, (576, 785), 0.36, ""),
        ("interlaced/avchd.mp4", 25, (576, 720), 0.96, "deinterlaced"),
        ("sizes/vp8.webm", 87, (240, 320), 3.439, ""),
    ],
)
def test_a_film_of_each_kind(name: str, count: int, size: tuple[int, int], last: float, words: str) -> None:
    frames, said = frames_of(CASES / name)
    times = [frame.time for frame in frames]
    assert [frame.index for frame in frames] == list(range(count))
    assert {frame.picture.shape[:2] for frame in frames} == {size}
    assert times[0] == 0 and (np.diff(times) > 0).all()
    assert times[-1] == pytest.approx(last, abs=0.01)
    assert words in said and bool(words) == bool(said)


@pytest.mark.parametrize("name", ["bt709_lim.mp4", "hd_709.mp4", "hd_untagged709.mp4", "hlg.mp4"])
def test_colours_do_not_depend_on_how_they_are_stored(name: str) -> None:
    right = next(decode(CASES / "colour" / "sdr.mp4")).picture
    picture = cv2.resize(
        next(decode(CASES / "colour" / name)).picture, (320, 240), interpolation=cv2.INTER_AREA
    )
    assert (
        np.abs(cv2.blur(picture, (3, 3)).astype(int) - cv2.blur(right, (3, 3)))[
            60, [32, 96, 162, 224, 288]
        ].max()
        <= 7
    )


def test_hlg_is_said() -> None:
    assert "HDR (HLG)" in frames_of(CASES / "colour" / "hlg.mp4")[1]


def pq(light: float) -> float:
    """Return the signal of light in nits (SMPTE ST 2084)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (light / 10_000) ** m1
    return float(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


@pytest.mark.parametrize(("nits", "level"), [(203, 255), (203 * 0.2140, 128), (0, 0), (1000, 255)])
def test_pq_is_mapped_so_that_a_white_sheet_is_white(tmp_path: Path, nits: float, level: int) -> None:
    luma = np.full((96, 128), round(64 + 876 * pq(nits)), np.uint16)
    planes = np.concatenate([luma.ravel(), np.full(96 * 128 // 2, 512, np.uint16)]).reshape(144, 128)
    with av.open(str(tmp_path / "pq.mp4"), "w") as container:
        stream = container.add_stream(
            "libx265", rate=25, options={"x265-params": "log-level=none", "crf": "4"}
        )
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = 16, 9, 9, 1
        for _ in range(3):
            container.mux(stream.encode(VideoFrame.from_ndarray(planes, "yuv420p10le")))
        container.mux(stream.encode(None))
    frames, said = frames_of(tmp_path / "pq.mp4")
    assert np.abs(frames[0].picture.astype(int) - level).max() <= 4
    assert "HDR (PQ)" in said


def test_an_interlaced_film_has_no_combs() -> None:
    def combs(picture: np.ndarray) -> float:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(float)
        return float(np.abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())

    path = CASES / "interlaced" / "avchd.mp4"
    stored = list(decode(path, raw=True))[12].picture
    assert combs(frames_of(path)[0][12].picture) < combs(stored) / 2


def test_a_cut_film_is_offered_up_to_its_last_whole_frame() -> None:
    with pytest.raises(MediaError, match=r"only 199 frames can be read.*--salvage"):
        frames_of(CASES / "cut" / "cut1.mp4")
    frames, said = frames_of(CASES / "cut" / "cut1.mp4", salvage=True)
    assert [frame.index for frame in frames] == list(range(199))
    assert "199" in said


def two_in_one(path: Path, first: tuple[int, int], second: tuple[int, int]) -> Path:
    """Write two films of other sizes (height, width) behind each other, as a browser does whose window changes."""
    parts = []
    for number, (height, width) in enumerate((first, second)):
        part = path.with_name(f"{number}.ts")
        with av.open(str(part), "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for index in range(10):
                picture = cv2.resize(numbered(10 * number + index), (width, height))
                container.mux(stream.encode(VideoFrame.from_ndarray(picture, "bgr24")))
            container.mux(stream.encode(None))
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize("second", [(192, 256), (96, 128), (128, 96)])
def test_a_film_that_changes_its_size_has_one_size(tmp_path: Path, second: tuple[int, int]) -> None:
    frames, said = frames_of(two_in_one(tmp_path / "a.ts", (96, 128), second))
    assert len(frames) == 20 and {frame.picture.shape for frame in frames} == {(96, 128, 3)}
    assert (np.diff([frame.time for frame in frames]) > 0).all()
    if second == (128, 96):  # turned: as high as it fits, black at its sides
        assert frames[15].picture[:, :20].max() <= 24 < frames[15].picture[40:50, 50:70].mean()
    else:
        assert [shown(frame.picture) for frame in frames] == list(range(20))
    assert ("From frame 10 on" in said) == (second != (96, 128))


@pytest.mark.parametrize(
    ("name", "codec", "pixels"), [("a.mp4", "libx264", "yuv420p"), ("a.avi", "mjpeg", "yuvj420p")]
)
def test_what_a_decoder_patches_is_left_out(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    options = {"g": "8", "bf": "0"} if codec == "libx264" else {}
    path = make(tmp_path, Odd(name, codec, pixels, options=options))
    right = {frame.index: frame.picture for frame in decode(path)}
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    position, size = packets[12]
    content = bytearray(path.read_bytes())
    content[position + size // 2 : position + size - 2] = b"\x55" * (size - 2 - size // 2)
    path.write_bytes(content)
    frames, said = frames_of(path)
    left_out = set(range(FRAMES)) - {frame.index for frame in frames}
    assert left_out == ({12} if codec == "mjpeg" else set(range(12, 16)))  # up to the next key frame
    assert all(np.array_equal(frame.picture, right[frame.index]) for frame in frames)
    assert ("12" if codec == "mjpeg" else "12–15") in said
    added = add_video(workspace.create(tmp_path / "ws"), path)
    assert (added.frames, len(added.notes)) == (FRAMES - len(left_out), 1)


def test_a_film_takes_the_place_of_pictures_only_where_every_frame_fits(tmp_path: Path) -> None:
    for index in range(0, FRAMES, 4):
        save(tmp_path / "class" / f"seam_{index}.png", scene(index))
    rows = [f"{index},seam_{index}.png,True" for index in range(0, FRAMES, 4)]
    (tmp_path / "class" / "seam_data.csv").write_text("\n".join([",name,good", *rows]))
    ws = add_folder(tmp_path / "ws", tmp_path / "class").workspace
    with pytest.raises(MediaError, match="looks different"):
        add_video(ws, make(tmp_path, Odd("seam.mp4", "libx264", first=8)))
    assert get_video(ws, "seam").origin == "pictures"
    add_video(ws, make(tmp_path, Odd("seam.mp4", "libx264")))
    assert get_video(ws, "seam").origin == "video"


def test_time_and_disk_are_foretold(tmp_path: Path) -> None:
    path = film(tmp_path / "seam.mp4", 60)
    told = forecast(path, 95)
    added = add_video(workspace.create(tmp_path / "ws"), path)
    stored = sum(file.stat().st_size for file in (tmp_path / "ws" / "frames" / "seam").iterdir())
    assert told is not None and told.frames == added.frames == 60
    assert told.bytes == pytest.approx(stored, rel=0.2)
    assert told.sentence().startswith("About ") and "every 4th frame" in told.sentence()
    with path.open("rb") as file:
        assert forecast(file, 95) is not None
    assert forecast(tmp_path / "ws" / "workspace.toml", 95) is None


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "words"),
    [("a.mp4", "libx264", "yuv420p", ""), ("a.mov", "libx264", "yuv420p", ""), ("a.webm", "libvpx", "yuv420p", ""),
     ("a.webm", "libvpx-vp9", "yuv420p", ""), ("a.mkv", "libx264", "yuv420p", "H264 in .mkv"),
     ("a.mp4", "libx264", "yuv444p", "H264 with pixels yuv444p"), ("a.mp4", "libx265", "yuv420p", "HEVC in .mp4"),
     ("a.mov", "prores_ks", "yuv422p10le", "PRORES in .mov"), ("a.avi", "mjpeg", "yuvj420p", "MJPEG in .avi"),
     ("a.mp4", "mpeg4", "yuv420p", "MPEG4 in .mp4"), ("a.mpg", "mpeg2video", "yuv420p", "MPEG2VIDEO in .mpg")],
)  # fmt: skip
def test_a_film_that_browsers_do_not_play_says_so(
    tmp_path: Path, name: str, codec: str, pixels: str, words: str
) -> None:
    said = unplayable(encoded(tmp_path / name, codec, pixels, frames=3))
    assert words in said and bool(words) == bool(said)


def test_frames_are_stored_as_the_workspace_says(tmp_path: Path) -> None:
    path = make(tmp_path, Odd("seam.mp4", "libx264"))
    sizes = {}
    for settings in ("", "[frames]\nquality = 50\nhalf_colour = true\n"):
        ws = workspace.create(tmp_path / f"ws{len(settings)}")
        toml = ws.path / "workspace.toml"
        toml.write_text(toml.read_text() + settings)
        ws = workspace.open_workspace(ws.path)
        add_video(ws, path)
        sizes[settings] = sum(file.stat().st_size for file in (ws.frames / "seam").iterdir())
        (ws.frames / "seam" / "seam_1.jpg").unlink()
        before = frame_table(ws)
        assert add_video(ws, path).repaired == 1 and frame_table(ws).equals(before)
    few, many = sorted(sizes.values())
    assert few < 0.75 * many


def test_a_frame_that_an_earlier_version_stored_is_restored_as_it_was(tmp_path: Path) -> None:
    """Versions up to 0.6 kept oblong pixels: what they stored is never mixed with square ones."""
    path = make(tmp_path, Odd("old.mp4", "libx264", aspect=Fraction(12, 11)))
    ws = workspace.create(tmp_path / "ws")
    add_video(ws, path)
    with db.writing(ws) as connection:
        for frame in decode(path, raw=True):
            file = write_jpeg(ws.frames / "old" / f"old_{frame.index}.jpg", frame.picture)
            row = update(db.frames).where(db.frames.c.index == frame.index)
            connection.execute(row.values(phash=perceptual_hash(frame.picture), **file))
    stored = ws.frames / "old" / "old_5.jpg"
    before = stored.read_bytes()
    stored.unlink()
    assert add_video(ws, path).repaired == 1
    assert stored.read_bytes() == before


def test_deinterlacing_keeps_the_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    colour = np.full((1080, 1920, 3), (40, 60, 200), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=25, options={"flags": "+ildct+ilme", "preset": "ultrafast"}
        )
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.codec_context.colorspace = 1
        frame = VideoFrame.from_ndarray(colour, "bgr24").reformat(format="yuv420p", dst_colorspace=1)
        for _ in range(4):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    frames, said = frames_of(path)
    assert len(frames) == 4 and "deinterlaced" in said
    assert np.abs(frames[2].picture[500, 900].astype(int) - (40, 60, 200)).max() <= 6


@pytest.mark.long
@pytest.mark.parametrize("odd", corpus(), ids=str)
def test_every_film_of_the_corpus_agrees_with_the_referee(tmp_path: Path, odd: Odd) -> None:
    path = make(tmp_path, odd)
    frames, _ = frames_of(path)
    times = np.array([frame.time for frame in frames])
    theirs = referee(path, odd.turn)
    assert len(frames) == len(theirs) == FRAMES
    small = [cv2.resize(frame.picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for frame in frames]
    if odd.turn in (0, 180):
        upright = [picture[::-1, ::-1] if odd.turn else picture for picture in small]
        assert [shown(np.ascontiguousarray(picture)) for picture in upright] == list(range(FRAMES))
    ours = coarse(frame.picture for frame in frames)
    apart = np.abs(ours[:, None] - coarse(theirs)).mean(axis=(2, 3, 4))
    assert apart.argmin(axis=1).tolist() == list(range(FRAMES))
    assert apart.diagonal().max() <= 2  # other frames differ by 5 and more
    expected = np.array(odd.times) - odd.times[0] if odd.times else np.arange(FRAMES) / float(odd.rate)
    assert times[0] == 0 and (np.diff(times) > 0).all()
    assert np.abs(times - expected).max() <= 0.5 / float(odd.rate) + 0.002
    wide = frames[0].picture.shape[1] / (HEIGHT if odd.turn in (90, 270) else WIDTH)
    assert wide == pytest.approx(float(odd.aspect), abs=0.005)
