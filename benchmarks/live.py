"""The Live page in Chromium, with a fake camera at 30 pictures a second and all heatmaps on, in turn with a bare page.

Each picture of the camera has its number written into its upper edge; `live.js` reads it where the camera gives the picture and
where the page shows it, by one clock. The bare page is streamlit-webrtc alone, which sends each picture back (`live_bare.py`).

- pictures_per_second: new pictures on the page. Bar: at least 25, beside a training 8.
- glass_to_glass_p95_ms: from the camera's picture to the same picture on the page. Bar: at most 200, beside a training 500.
- last_over_first: median of the last third of a stream over that of the first. Bar: at most 1.2.
- shown_off_ms: what the page says of its delay less what is measured here, medians of a stream.
- bare …: the same of the bare page. p95_over_bare: bar 1.25, beside a training 3; pictures_over_bare: bar 0.9.
- inspector_overhead_ms: drawing and bookkeeping a picture, the network apart; medians, without a browser. Bar: at most 15.
- training_cores: with ``--beside training``, how much of a processor the training got while the Live page was measured, and
  training_epochs how many epochs it ended in the whole time: above 0, it goes on.

The engines that are installed are measured before (`core.export.engines`), and the fastest runs the network.

A round is a stream of the bare page and one of the Live page, each of so many seconds. With SEAMLENS_RUN=FOLDER in the
environment, a trained run is taken instead of a new one.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import cv2
import numpy as np
import psutil
from playwright.sync_api import Browser, Frame, Page

from benchmarks.chromium import FAKE_CAMERA, PATIENCE, WRITTEN, app, chromium, visitor
from benchmarks.harness import SEED, main, scratch_folder, trained_run
from core.events.detector import default_rules
from core.export import engines
from core.inspection.inspector import Inspector
from core.inspection.panel import DisplayOptions
from core.jobs import jobs, slots
from core.live.recording import Recording
from core.live.viewer import Viewer
from core.media.library import frame_table, read_frame, videos
from core.networks.registry import DEFAULT_NETWORK
from core.runs.run import ACTIVE, Run
from core.runs.settings import TrainSettings

SCRIPT = Path(__file__).with_name("live.js")
BARE = Path(__file__).with_name("live_bare.py")
BITS, BAND = 12, 16 / 480
"""Of the number in a picture, and the share of its height in which it stands."""
SIZES = {"480p": (640, 480), "1080p": (1920, 1080)}
RATE, PICTURES = 30, 300
WARM = 10_000
"""Milliseconds after the first picture: connections find their rate."""


def numbered(picture: np.ndarray, number: int) -> np.ndarray:
    """Return ``picture`` (H, W, 3) uint8 BGR with a number in black and white along its upper edge.

    It stands in the middle part of 4:3, which is left where a browser makes a wide picture smaller.
    """
    marked, (height, width) = picture.copy(), picture.shape[:2]
    band, wide = round(BAND * height), round(height * 4 / 3)
    bits = np.array([number >> (BITS - 1 - bit) & 1 for bit in range(BITS)], np.uint8) * 255
    left = (width - wide) // 2
    band_of_bits = cv2.resize(bits[None], (wide, band), interpolation=cv2.INTER_NEAREST)
    marked[:band, left : left + wide] = band_of_bits[..., None]
    return marked


def pictures(run: Run, count: int, size: tuple[int, int] = SIZES["480p"]) -> list[np.ndarray]:
    """Return the first pictures of a video of the workspace, in the size of the camera."""
    names = frame_table(run.workspace, videos(run.workspace)[-1].key)["name"]
    return [cv2.resize(read_frame(run.workspace, name), size) for name in names[:count]]


def write_camera(run: Run, path: Path, size: tuple[int, int]) -> Path:
    """Write what the fake camera sees: a video of the workspace, numbered, to and fro."""
    there = pictures(run, PICTURES if size == SIZES["480p"] else PICTURES // 5, size)  # 3 MB a picture
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{size[0]} H{size[1]} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
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
        yield _started(page)


@contextmanager
def bare(browser: Browser, address: str) -> Iterator[Frame]:
    """Start the camera on the bare page, and yield the frame of its stream."""
    with visitor(browser, address, SCRIPT, viewport={"width": 1400, "height": 900}) as page:
        page.wait_for_selector(WRITTEN)
        yield _started(page)


def _started(page: Page) -> Frame:
    """Press Start as often as it takes: a start in some forty fails in streamlit-webrtc."""
    buttons = page.frame_locator("iframe").first
    for _ in range(3):
        buttons.get_by_role("button", name="Start", exact=True).click()
        frame = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
        with suppress(TimeoutError):
            frame.wait_for_function(
                "() => document.querySelector('video')?.videoWidth > 0", timeout=PATIENCE / 3
            )
            frame.evaluate("() => bench.watch()")
            page.wait_for_timeout(WARM)
            return frame
        buttons.get_by_role("button", name="Stop", exact=True).click()
    raise SystemExit("The live picture did not start.")


def _leave_out_the_number(page: Page) -> None:
    """Begin the region of interest below the number, which is no seam: the network would not know the picture."""
    page.get_by_text("Region of interest").click()
    top = page.get_by_test_id("stSlider").filter(has_text="From top to bottom").get_by_role("slider").first
    for _ in range(math.ceil(100 * BAND)):
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


@dataclass(frozen=True)
class Stream:
    """What one stream was like: each delay in milliseconds, its seconds, new pictures, and what the page said of its delay."""

    delays: np.ndarray
    seconds: float
    count: int
    said: float | None  # milliseconds, median

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def p95(self) -> float:
        return float(np.percentile(self.delays, 95))

    @property
    def last_over_first(self) -> float:
        third = len(self.delays) // 3
        return float(np.median(self.delays[-third:]) / np.median(self.delays[:third]))


def _stream(frame: Frame, page_seconds: int) -> Stream:
    frame.page.evaluate("() => { bench.said.length = 0 }")
    delays, seconds, count = frame.evaluate("ms => bench.measure(ms)", 1000 * page_seconds)
    said = frame.page.evaluate("() => bench.said")
    if len(delays) < 3:
        raise SystemExit(f"{count} new pictures in {seconds:.0f} s are too few to measure.")
    return Stream(without_misread(np.array(delays)), seconds, count, 1000 * median(said) if said else None)


def without_misread(delays: np.ndarray) -> np.ndarray:
    """Return ``delays`` (ms) without those that are a second off the median of the nine around them: there a number was misread."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(delays, 4, mode="edge"), 9)
    return delays[np.abs(delays - np.median(around, axis=1)) < 1000]


class Beside:
    """A training beside the Live page, begun anew whenever it has ended."""

    def __init__(self, run: Run, network: str) -> None:
        self._run, self._network, self._trained = run, network, list[Run]()

    def ensure(self) -> int:
        """Return the process (PID) of the training that runs, once it does."""
        if not self._trained or self._trained[-1].state not in (*ACTIVE, "queued"):
            settings = TrainSettings(network=self._network, seed=SEED, epochs=1000, patience=1000)
            self._trained.append(jobs.start(self._run.workspace, settings))
        end = monotonic() + PATIENCE / 1000
        while monotonic() < end:
            if found := slots.trainings(self._run.workspace):
                return next(iter(found))
        raise SystemExit("The training beside the Live page did not start.")

    @property
    def epochs(self) -> int:
        """Epochs that have ended."""
        return sum(len(run.history) for run in self._trained)

    def end(self) -> None:
        """End it."""
        for run in self._trained:
            if run.state in (*ACTIVE, "queued"):
                jobs.kill(run)


def _cores(pid: int | None) -> float:
    """Return the seconds of processor time that a process has had."""
    if pid is None:
        return 0.0
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def measure(rounds: int, seconds: int, beside: str, network: str, size: str) -> dict[str, Any]:
    """Measure ``rounds`` times a stream of the bare page and one of the Live page, ``seconds`` each."""
    lives, bares, cores = list[Stream](), list[Stream](), list[float]()
    with scratch_folder() as folder:
        run = trained_run(folder, network)
        engines.chosen(run, engines.AUTO)  # as from a minute after the first live picture on
        film = write_camera(run, folder / "camera.y4m", SIZES[size])
        figures: dict[str, Any] = {"inspector_overhead_ms": overhead(run)}
        camera = (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}")
        training = Beside(run, DEFAULT_NETWORK) if beside == "training" else None
        try:
            with (
                app(run.workspace.path) as address,
                app(run.workspace.path, BARE) as bare_address,
                chromium(*camera) as browser,
            ):
                for _ in range(rounds):
                    pid = training.ensure() if training else None
                    with bare(browser, bare_address) as frame:
                        bares.append(_stream(frame, seconds))
                    with live(browser, address) as frame:
                        before = _cores(pid)
                        lives.append(_stream(frame, seconds))
                        cores.append((_cores(pid) - before) / lives[-1].seconds)
            if training:
                figures |= {"training_cores": median(cores), "training_epochs": training.epochs}
        finally:
            if training:
                training.end()
    return (
        figures | _figures(lives) | {f"bare_{k}": v for k, v in _figures(bares).items()} | _over(lives, bares)
    )


def _figures(streams: list[Stream]) -> dict[str, float]:
    off = [s.said - float(np.median(s.delays)) for s in streams if s.said is not None]
    return {
        "pictures_per_second": median(s.rate for s in streams),
        "glass_to_glass_p95_ms": median(s.p95 for s in streams),
        "glass_to_glass_p50_ms": median(float(np.median(s.delays)) for s in streams),
        "last_over_first": median(s.last_over_first for s in streams),
    } | ({"shown_off_ms": median(off)} if off else {})


def _over(lives: list[Stream], bares: list[Stream]) -> dict[str, float]:
    pairs = list(zip(lives, bares, strict=True))
    return {
        "p95_over_bare": median(one.p95 / other.p95 for one, other in pairs),
        "pictures_over_bare": median(one.rate / other.rate for one, other in pairs),
    }


OPTIONS = {
    "--rounds": {"default": 3, "help": "of a bare stream and a live one"},
    "--seconds": {"default": 60, "help": "of each stream"},
    "--beside": {
        "default": "nothing",
        "choices": ("nothing", "training"),
        "help": "what else the processor does",
    },
    "--network": {"default": DEFAULT_NETWORK, "help": "of the run that is live"},
    "--size": {"default": "480p", "choices": tuple(SIZES), "help": "of the camera"},
}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
