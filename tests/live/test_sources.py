import threading
from contextlib import closing
from itertools import islice

import cv2
import numpy as np
import pytest
from PIL import Image

from core.errors import MediaError
from core.live import sources
from core.live.sources import Live, StoredSource, find_source, paced
from core.videos.video import Decoded
from tests.helpers.cases import CASES
from tests.helpers.tiny_videos import film, save, shown, textured


def pictures(count, value=0):
    yield from (np.full((4, 6, 3), value + index, np.uint8) for index in range(count))


def numbers(values):
    yield from (Decoded(index, time, np.zeros((2, 2, 3), np.uint8)) for index, time in enumerate(values))


def test_every_frame_of_a_file(trained, tmp_path):
    found = find_source(trained.workspace, film(tmp_path / "seam.mp4", 9))
    assert (found.is_live, found.rate) == (False, 25)
    assert [shown(frame.picture) for frame in found.frames()] == list(range(9))


def test_a_folder_of_pictures_in_the_order_of_their_numbers(trained, tmp_path):
    for name in ("a_10.png", "a_2.png"):
        save(tmp_path / "seams" / name, textured(int(name[2:-4])))
    found = find_source(trained.workspace, tmp_path / "seams").frames()
    assert all(np.array_equal(f.picture, textured(s)) for f, s in zip(found, (2, 10), strict=True))


def test_what_was_corrected_of_a_source_is_told_once_however_often_it_is_read(trained, tmp_path):
    Image.new("I;16", (40, 30), 1000).save(tmp_path / "deep.tif")
    told = []
    for source in (CASES / "interlaced" / "avchd.mp4", tmp_path):
        found = find_source(trained.workspace, source, told.append)
        assert len(list(found.frames())) == len(list(found.frames())) > 0
    assert [line.split(":")[0] for line in told] == [
        "It is interlaced",
        "Brightness was scaled so that 1,023 is white, by the brightest of these pictures",
        "1 picture converted to 8-bit sRGB (TIFF).",
    ]


def test_an_empty_folder_is_refused(trained, tmp_path):
    with pytest.raises(MediaError, match="holds no pictures"):
        find_source(trained.workspace, tmp_path)


@pytest.mark.parametrize("name", ["nowhere.mp4", "no_video", "ftp://camera"])
def test_what_is_no_source_is_refused(trained, name):
    with pytest.raises(MediaError, match=name):
        find_source(trained.workspace, name)


def test_an_address_is_named_without_its_password(trained):
    assert find_source(trained.workspace, "rtsp://me:secret@camera/1").name == "rtsp://camera/1"


def test_an_address_that_does_not_answer_is_refused_without_telling_its_password(trained):
    with pytest.raises(MediaError, match=r"127\.0\.0\.1") as refused:
        next(find_source(trained.workspace, "http://me:secret@127.0.0.1:9/stream?token=secret").frames())
    assert "secret" not in str(refused.value)


def test_a_misspelt_address_is_refused_without_telling_its_password(trained):
    with pytest.raises(MediaError, match="rstp://camera") as refused:
        find_source(trained.workspace, "rstp://me:secret@camera/1")
    assert "secret" not in str(refused.value)


def test_an_address_gives_its_pictures(trained, tmp_path):
    """Served by the library's own web server; a file behind an address ends, which a camera does not."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    film(tmp_path / "seam.mp4", 5)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        connected = sources.open_address(f"http://127.0.0.1:{server.server_port}/seam.mp4")
        assert [shown(picture) for picture in connected] == list(range(5))
        server.shutdown()


def test_a_camera_that_does_not_answer_is_refused(trained, monkeypatch):
    class Nothing:
        def __init__(self, number):
            pass

        def read(self):
            return False, None

        def release(self):
            pass

    monkeypatch.setattr(cv2, "VideoCapture", Nothing)
    with pytest.raises(MediaError, match="camera 7"):
        next(find_source(trained.workspace, 7).frames())


def test_a_camera_that_was_unplugged_comes_back_and_says_so():
    was_seen = threading.Event()

    def later():
        assert was_seen.wait(60)  # else it might come before the first one is taken, and replace it
        yield from pictures(1, 100)

    turns, said = [pictures(1), pictures(0), later()], []
    source = Live("camera 0", lambda: turns.pop(0) if turns else pictures(0), said.append, first_pause=0.01)
    with closing(source.frames()) as frames:
        seen = [int(next(frames).picture.mean())]
        was_seen.set()
        seen.append(int(next(frames).picture.mean()))
    assert seen == [0, 100]
    assert said[0] == "camera 0 is lost (it gives no more pictures). Trying again in 0.01 s."
    assert said[1].endswith("Trying again in 0.02 s.")
    assert "camera 0 is back." in said


def test_a_slow_watcher_gets_the_newest_frame_and_the_others_are_counted():
    source = Live("camera 0", lambda: pictures(50), lambda words: None, first_pause=60)
    frames = source.frames()
    index = next(frames).index
    while index < 49:
        before, index = index, next(frames).index
        assert index > before
    frames.close()
    assert index == 49
    assert source.dropped < 50


def test_until_ends_it_while_the_camera_is_away():
    source = Live("camera 0", lambda: pictures(1), lambda words: None, first_pause=60)
    assert [item.index for item in paced(source.pulse(), until=0.1)] == [0]


def test_while_a_camera_gives_nothing_the_time_comes():
    source = Live("camera 0", lambda: pictures(1), lambda words: None, first_pause=60)
    with closing(source.pulse()) as pulse:
        assert [type(item) for item in islice(pulse, 3)] == [Decoded, float, float]


def test_pacing_is_in_the_time_of_the_source():
    assert [frame.index for frame in paced(numbers([i / 10 for i in range(20)]), fps=2)] == [0, 5, 10, 15]


def test_until_ends_it_and_closes_the_source():
    closed = []

    def frames():
        try:
            yield from numbers([0, 1, 2, 3])
        finally:
            closed.append(True)

    assert [frame.index for frame in paced(StoredSource("x", frames).frames(), until=1.5)] == [0, 1]
    assert closed
