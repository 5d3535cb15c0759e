"""Reading video files."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import MediaError
from core.videos.damage import bytes_missing
from core.videos.video import decode, frame_rate
from core.videos.video_frames import FrameTimes, display_matrix
from core.videos.video_writer import write_video
from tests.helpers.tiny_videos import HEIGHT, TURNS, WIDTH, encoded, film, numbered, set_matrix, shown

UNEVEN = [0.0, 0.04, 0.05, 0.2, 0.21, 0.5, 0.52, 1.0, 1.001, 1.3, 1.9, 2.0, 2.01, 3.0, 3.5]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "plain.mp4", 60)


def indexes(path: Path) -> list[int]:
    return [shown(frame.picture) for frame in decode(path)]


def broken(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        list(decode(path))
    return str(caught.value)


def test_every_picture_comes_back_at_its_index(plain: Path) -> None:
    assert indexes(plain) == [frame.index for frame in decode(plain)] == list(range(60))


def test_times_are_seconds(plain: Path) -> None:
    assert [frame.time for frame in decode(plain)] == pytest.approx(np.arange(60) / 25)


def test_colours_survive(plain: Path) -> None:
    picture = next(decode(plain)).picture
    assert np.abs(picture.astype(int) - numbered(0)).mean() < 3


def test_colours_survive_in_hd(tmp_path: Path) -> None:
    picture = np.full((720, 1280, 3), (40, 60, 200), np.uint8)
    write_video(tmp_path / "hd.mp4", [picture] * 2, 25)
    assert np.abs(next(decode(tmp_path / "hd.mp4")).picture.astype(int) - picture).max() < 5


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    path = film(tmp_path / "phone.mp4", len(UNEVEN), UNEVEN)
    frames = list(decode(path))
    assert [frame.time for frame in frames] == pytest.approx(UNEVEN, abs=1e-4)
    assert [shown(frame.picture) for frame in frames] == list(range(len(UNEVEN)))


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_video_comes_back_upright(tmp_path: Path, turn: int) -> None:
    path = film(tmp_path / "phone.mp4", 12, turn=turn)
    for index, frame in enumerate(decode(path)):
        assert frame.picture.shape == (HEIGHT, WIDTH, 3)
        assert np.abs(frame.picture.astype(int) - numbered(index)).mean() < 4


def test_a_mirrored_video_comes_back_mirrored(tmp_path: Path) -> None:
    path = film(tmp_path / "selfie.mp4", 2)
    set_matrix(path, (-1, 0, 0, 1))
    assert np.abs(next(decode(path)).picture[:, ::-1].astype(int) - numbered(0)).mean() < 4


@pytest.mark.parametrize("turn", [90, -90, 180])
def test_side_data_unknown_to_pyav_does_not_hide_the_turn(turn: int) -> None:
    class Unknown:
        rotation = turn

        @property
        def side_data(self) -> None:
            raise ValueError("77 is not a valid Type")

    a, b, c, d = display_matrix(Unknown())  # type: ignore[arg-type]
    clockwise = {90: 270, -90: 90, 180: 180}[turn]
    assert (a, b, c, d) == pytest.approx(TURNS[clockwise], abs=1e-9)


@pytest.mark.parametrize(
    ("given", "times"),
    [
        ([2.0, None, None], [0, 0.1, 0.2]),  # from 0; without a time a frame follows the last
        ([0.0, 0.0, 0.0, 0.0], [0, 0.1, 0.2, 0.3]),  # no times at all
        ([3600.0, 3600.1, 3600.3], [0, 0.1, 0.3]),  # a clock of the day
        ([-0.1, 0.0, 0.1], [0, 0.1, 0.2]),
        ([0.0, 10.0, 20.0], [0, 10, 20]),  # a timelapse
        ([0.0, 0.1, 5.1, 5.2], [0, 0.1, 5.1, 5.2]),  # a pause
        ([0.0, 0.1, 0.1, 0.3], [0, 0.1, 0.2, 0.3]),  # one time twice
        ([0.0, 0.2, 0.19, 0.4], [0, 0.2, 0.25, 0.4]),  # a step back
        ([8.0, 8.1, 1.0, 1.1], [0, 0.1, 0.2, 0.3]),  # a second film behind the first
    ],
)
def test_times_rise_from_zero(given: list[float | None], times: list[float]) -> None:
    clock = FrameTimes(SimpleNamespace(average_rate=10))  # type: ignore[arg-type]
    assert [clock.of(time) for time in given] == pytest.approx(times)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mov", "libx264", "yuv420p"),
        ("a.mkv", "libx265", "yuv420p10le"),
        ("a.webm", "libvpx", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
    ],
)
def test_other_containers_and_codecs(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    assert indexes(encoded(tmp_path / name, codec, pixels)) == list(range(20))


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [("a.mkv", "libx264", "yuv420p"), ("a.webm", "libvpx", "yuv420p"), ("a.avi", "mjpeg", "yuvj420p")],
)
def test_a_cut_off_file_is_refused(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    path = encoded(tmp_path / name, codec, pixels)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert "cut off" in broken(path)


def test_a_cut_off_mp4_is_refused_with_the_number_of_frames_that_are_left(
    plain: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(plain.read_bytes()[: plain.stat().st_size * 2 // 3])
    assert "can be read" in broken(path)


def test_an_mp4_without_its_end_cannot_be_opened(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.mp4", "libx264", "yuv420p")  # the index stands at the end
    path.write_bytes(path.read_bytes()[:-200])
    assert "cannot be opened as a video" in broken(path)


def test_a_hole_in_the_middle_is_refused(plain: Path, tmp_path: Path) -> None:
    content = bytearray(plain.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    (tmp_path / "hole.mp4").write_bytes(content)
    assert "damaged" in broken(tmp_path / "hole.mp4")


def test_a_whole_file_lacks_nothing(plain: Path) -> None:
    assert bytes_missing(plain) == 0


def test_missing_padding_does_no_harm(tmp_path: Path) -> None:
    path = film(tmp_path / "padded.mp4", 10)
    path.write_bytes(path.read_bytes() + b"\0\0\0\x10free1234")
    assert (bytes_missing(path), len(indexes(path))) == (4, 10)


@pytest.mark.parametrize("content", [b"", b"hello\n" * 400, b"ffconcat version 1.0\nfile plain.mp4\n"])
def test_a_text_file_is_no_video(plain: Path, content: bytes) -> None:
    path = plain.with_name("text.mp4")
    path.write_bytes(content)
    assert "text.mp4" in broken(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "no such file" in broken(tmp_path / "none.mp4")


def test_unwanted_pictures_are_counted(plain: Path) -> None:
    frames = decode(plain, lambda index: index % 7 == 0)
    assert [(f.index, shown(f.picture)) for f in frames] == [(i, i) for i in range(0, 60, 7)]


def test_whoever_stops_early_leaves_the_file_closed(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.mp4"
    path.write_bytes(plain.read_bytes())
    frames = decode(path)
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    path.rename(tmp_path / "moved.mp4")
    assert not path.exists()


def test_the_rate_is_what_the_container_says(tmp_path: Path) -> None:
    assert frame_rate(film(tmp_path / "phone.mp4", 50)) == pytest.approx(25)
