"""The Live page in Chromium, with a fake camera of 640x480 at 30 pictures a second and all heatmaps on.

Each picture of the camera has its number written into its upper edge; `live.js` reads it where the camera gives the picture and
where the page shows it, by one clock.

- pictures_per_second: new pictures on the page. Bar: at least 25.
- glass_to_glass_p95_ms: from the camera's picture to the same picture on the page. Bar: at most 200.
- inspector_overhead_ms: drawing and bookkeeping a picture, the network apart; medians, without a browser. Bar: at most 15.
- first_third_p50_ms, last_third_p50_ms: glass to glass in the first third of the rounds and in the last: a delay that grows
  is seen here, also that of a network which is slower than the camera.

A round is ten seconds, and there are six at least: a minute of one stream. With SEAMLENS_RUN=FOLDER in the environment,
a trained run is taken instead of a new one.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from playwright.sync_api import Browser, Frame, Page

from benchmarks.chromium import FAKE_CAMERA, WRITTEN, app, chromium, visitor
from benchmarks.harness import main, scratch_folder, trained_run
from core.events.detector import default_rules
from core.inspection.inspector import Inspector
from core.inspection.panel import DisplayOptions
from core.live.recording import Recording
from core.live.viewer import Viewer
from core.media.library import frame_table, read_frame, videos
from core.runs.run import Run

SCRIPT = Path(__file__).with_name("live.js")
BITS, BAND = 12, 16
"""Of the number in a picture, and the pixels of height in which it stands."""
SIZE, RATE = (640, 480), 30
PICTURES = 300
ROUND = 10_000
"""Milliseconds."""
MINUTE = 6
"""Rounds at least."""
WARM = 5_000
"""Milliseconds after the first picture: connections find their rate."""


def numbered(picture: np.ndarray, number: int) -> np.ndarray:
    """Return ``picture`` (480, 640, 3) uint8 BGR with a number in black and white along its upper edge."""
    marked = picture.copy()
    bits = np.array([number >> (BITS - 1 - bit) & 1 for bit in range(BITS)], np.uint8) * 255
    marked[:BAND] = cv2.resize(bits[None], (SIZE[0], BAND), interpolation=cv2.INTER_NEAREST)[..., None]
    return marked


def pictures(run: Run, count: int) -> list[np.ndarray]:
    """Return the first pictures of a video of the workspace, in the size of the camera."""
    names = frame_table(run.workspace, videos(run.workspace)[-1].key)["name"]
    return [cv2.resize(read_frame(run.workspace, name), SIZE) for name in names[:count]]


def write_camera(run: Run, path: Path) -> Path:
    """Write what the fake camera sees: a video of the workspace, numbered, to and fro."""
    there = pictures(run, PICTURES)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number, picture in enumerate(there + there[::-1]):
            planes = cv2.cvtColor(numbered(picture, number), cv2.COLOR_BGR2YUV_I420)
            file.write(b"FRAME\n" + planes.tobytes())
    return path


@contextmanager
def live(browser: Browser, address: str) -> Iterator[Frame]:
    """Start the camera on the Live page with all heatmaps, and yield the frame of its stream."""
    viewport = {"width": 1400, "height": 900}
    with visitor(browser, f"{address}/Live", SCRIPT, viewport=viewport) as page:
        page.get_by_text("Choose myself").click()
        _leave_out_the_number(page)
        page.wait_for_selector(WRITTEN)
        page.frame_locator("iframe").first.get_by_role("button", name="Start").click()
        frame = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
        frame.wait_for_function("() => document.querySelector('video')?.videoWidth > 0")
        frame.evaluate("() => bench.watch()")
        page.wait_for_timeout(WARM)
        yield frame


def _leave_out_the_number(page: Page) -> None:
    """Begin the region of interest below the number, which is no seam: the network would not know the picture."""
    page.get_by_text("Region of interest").click()
    top = page.get_by_test_id("stSlider").filter(has_text="From top to bottom").get_by_role("slider").first
    for _ in range(math.ceil(100 * BAND / SIZE[1])):
        top.press("ArrowRight")


def overhead(run: Run) -> float:
    """Return the milliseconds a picture that drawing and bookkeeping take, all heatmaps on."""
    inspector = Inspector.load(run).measuring(run)[0].warm_up()
    rules = default_rules(run.attributes, run.thresholds)

    def begin(smooth: float) -> Recording:
        return Recording(rules, run.attributes.exclusive)

    viewer = Viewer(inspector, DisplayOptions(chosen=run.attributes.names), begin)
    for index, picture in enumerate(pictures(run, 100)):
        viewer.inspect(picture, index, index / RATE)
        viewer.draw(picture)
    viewer.close()
    return viewer.figures().overhead


def measure(rounds: int) -> dict[str, float]:
    """Measure ``rounds`` times ten seconds of one stream, a minute at least."""
    rounds = max(rounds, MINUTE)
    with scratch_folder() as folder:
        run = trained_run(folder)
        film = write_camera(run, folder / "camera.y4m")
        drawing = overhead(run)
        camera = (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}")
        with (
            app(run.workspace.path) as address,
            chromium(*camera) as browser,
            live(browser, address) as frame,
        ):
            measured = [frame.evaluate("ms => bench.measure(ms)", ROUND) for _ in range(rounds)]
    delays = [np.array(times) for times, _, _ in measured]
    third = rounds // 3
    return {
        "pictures_per_second": median(count / seconds for _, seconds, count in measured),
        "glass_to_glass_p95_ms": median(float(np.percentile(times, 95)) for times in delays),
        "inspector_overhead_ms": drawing,
        "glass_to_glass_p50_ms": median(float(np.median(times)) for times in delays),
        "first_third_p50_ms": float(np.median(np.concatenate(delays[:third]))),
        "last_third_p50_ms": float(np.median(np.concatenate(delays[-third:]))),
    }


if __name__ == "__main__":
    main(__doc__, measure)
