"""The speed of the Label page, in Chromium, on a rendered seam of 3,000 frames whose truth is known.

keys         from `n`, 30 a second, to the animation frame that finds its frame drawn, and to that frame's end; labels that
             are missing after `s` and `n` in turn, 30 a second
acknowledge  from `s`, 8 a second, until its labels are in the database, while four more annotators label over HTTP
single       labelling frame by frame, at most 8 keys a second: measured on 200 frames, and from its seconds per key the
             time of all frames
painting     labelling all frames by painting, at most 8 keys a second: all answers are compared with the truth
timeline     dragging along the lanes, one drag for each stretch, at most one a second: a part of the frames
opening      a video of 20,000 labelled frames: until its first frame is drawn, and memory after 100 and 500 jumps

Bars: key_to_paint_p95_ms at most 20, lost 0, acknowledge_p95_ms at most 300, times at least 5, wrong_painted and
wrong_single 0, open_20000_first_frame_ms at most 1500.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import pandas as pd
import psutil
from playwright.sync_api import Browser, Page

from benchmarks.chromium import app, chromium, visitor
from benchmarks.harness import SEED, main, scratch_folder
from benchmarks.stored_videos import add_video as store_video
from core.attributes import SEAM
from core.demo.render import render_class
from core.labels.consensus import labels_of
from core.labels.labels import record_table
from core.media.library import frame_table, get_video
from core.videos.add_video import add_video
from core.videos.video import decode
from core.videos.video_writer import write_video
from core.workspace import Workspace, create, open_workspace

Figures = dict[str, float]

SCRIPT = Path(__file__).with_suffix(".js")
FAST, STEADY = 30, 8  # keys a second: held down; what fingers do for an hour
HURRIED = 300  # frames that are passed with `FAST`
KEYS = 120  # of one round with other annotators
OTHERS, OTHERS_EVERY = 4, 0.5  # annotators at other computers, and seconds from key to key of each
SINGLE = 200  # frames that are labelled one by one
JUMPS = (100, 500)
SHOWN = 400  # frames of the timeline in view at most: then a frame is wide enough to be met
RULER, LANE = 18, 20  # pixels, as the page draws up to six attributes
DRAG = 1.0  # seconds from drag to drag, as a practised hand takes

SEAM_VIDEO, LONG_VIDEO = "seam", "long"
PIECES = 2  # rendered side by side; each shows ten defects
LONG = 20_000  # frames
STRETCH = (
    200  # frames of the long video, which is only rows of the database, between two changes of its labels
)
READER = "reader"
"""Who has labelled the long video: with labels, a video is slower to open."""


def labelling_workspace(folder: Path, frames: int) -> tuple[Workspace, pd.DataFrame]:
    """Return a workspace with both videos, made if it is not there, and what is true of the seam: (frames, attributes) bool."""
    truth = folder / "answers.csv"
    if not truth.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _make(folder, frames).to_csv(truth, index=False)
    return open_workspace(folder / "workspace"), pd.read_csv(truth)


def _make(folder: Path, frames: int) -> pd.DataFrame:
    """Make both videos; return what is true of the seam. Where the picture leaves that open, it is as before."""
    workspace = create(folder / "workspace", SEAM)
    pieces = render_class(folder / "rendered", SEED, PIECES, frames // PIECES)
    path = folder / f"{SEAM_VIDEO}.mp4"
    write_video(path, (frame.picture for piece in pieces for frame in decode(piece.path)), 25)
    add_video(workspace, path, origin="rendered")
    store_video(workspace, LONG_VIDEO, LONG, list(frame_table(workspace, SEAM_VIDEO)["file"]))
    indexes = np.arange(LONG)
    changing = {name: indexes // STRETCH % (n + 2) == 0 for n, name in enumerate(SEAM.names)}
    record_table(workspace, READER, pd.DataFrame({"video": LONG_VIDEO, "index": indexes, **changing}))
    truth = pd.DataFrame([frame.answers for piece in pieces for frame in piece.truth])
    return truth.astype("boolean").ffill().bfill().astype(bool)


@dataclass(frozen=True)
class Bench:
    """What the parts measure on: a workspace, what is true of its seam, and an app; ``reaction`` is in milliseconds."""

    workspace: Workspace
    answers: pd.DataFrame
    address: str
    browser: Browser
    rounds: int
    reaction: float

    @contextmanager
    def page(self, annotator: str) -> Iterator[Page]:
        """Open the seam for an annotator, with the frames ahead fetched."""
        with visitor(self.browser, f"{self.address}/Label?annotator={annotator}", SCRIPT) as page:
            page.wait_for_selector(".stage canvas")
            page.evaluate("bench.ready()")
            self.open(page, SEAM_VIDEO)
            page.evaluate("bench.relaxed()")
            yield page

    def open(self, page: Page, key: str) -> float:
        """Choose a video; return the milliseconds until its first frame is drawn."""
        return float(page.evaluate("([id, key]) => bench.open(id, key)", [self.id(key), key]))

    def id(self, key: str) -> int:
        """Return the permanent number of a video."""
        return get_video(self.workspace, key).id

    def stored(self, annotator: str, frames: int) -> pd.DataFrame:
        """Return what the database holds of the first ``frames`` frames of the seam."""
        return labels_of(self.workspace, annotator, SEAM_VIDEO).iloc[:frames]

    def wrong(self, annotator: str, frames: int) -> int:
        """Count the answers that are not the true ones; one that is missing is wrong."""
        stored, true = self.stored(annotator, frames), self.answers.iloc[:frames]
        return int(sum((stored[name] != true[name]).fillna(True).sum() for name in true))

    def letters(self) -> list[str]:
        """Return the keys that change before each frame; at first all answers are false."""
        attributes, true = self.workspace.attributes, self.answers
        keys = np.array([attribute.key for attribute in attributes])
        answers = true[list(attributes.names)].to_numpy()
        changed = np.diff(answers, axis=0, prepend=np.zeros((1, answers.shape[1]), bool))
        return ["".join(keys[row]) for row in changed]


def someone() -> str:
    """Return an annotator who has labelled nothing yet."""
    return f"someone-{uuid4().hex[:8]}"  # the page takes names of 40 characters at most


def wait_until_saved(page: Page) -> None:
    page.locator(".safe", has_text="✓ saved").wait_for()


def keys(bench: Bench) -> Figures:
    """Measure `n` at 30 keys a second, and count what `s` and `n` at that rate lose."""
    count, rounds, lost = min(HURRIED, len(bench.answers) - 1), [], 0
    for _ in range(bench.rounds):
        with bench.page(someone()) as page:
            rounds.append(page.evaluate("([count, rate]) => bench.paint(count, rate)", [count, FAST]))
        annotator = someone()
        with bench.page(annotator) as page:
            page.evaluate("([count, rate]) => bench.hurry(count, rate)", [count, FAST])
            wait_until_saved(page)
        lost += int(bench.stored(annotator, count).isna().to_numpy().sum())
    shown = percentiles("key_to_paint", [times["shown"] for times in rounds])
    presented = percentiles("key_to_end_of_frame", [times["presented"] for times in rounds])
    return shown | presented | {"lost": lost}


def acknowledge(bench: Bench) -> Figures:
    """Measure the way of a label into the database while others label as well."""
    mine, theirs, requests = [], [], 0
    count, attributes = min(KEYS, len(bench.answers) - 1), len(bench.answers.columns)
    for _ in range(bench.rounds):
        with bench.page(someone()) as page, ThreadPoolExecutor(OTHERS) as pool:
            page.get_by_label("Next picture after saving").check()
            keys = int((count / STEADY + 2) / OTHERS_EVERY)
            others = [pool.submit(_label, bench, keys, n * OTHERS_EVERY / OTHERS) for n in range(OTHERS)]
            measured = page.evaluate("(given) => bench.acknowledge(...given)", [count, STEADY, attributes])
            theirs.append([milliseconds for other in others for milliseconds in other.result()])
        mine.append(measured["waits"])
        requests += measured["requests"]
    shares = {"requests_per_key": requests / (count * bench.rounds)}
    return percentiles("acknowledge", mine) | percentiles("others_acknowledge", theirs) | shares


def _label(bench: Bench, keys: int, wait: float) -> list[float]:
    """Label the long video over HTTP at a steady pace; return the milliseconds from when each key was due."""
    video = bench.id(LONG_VIDEO)
    who = {"workspace": str(bench.workspace.path.resolve()), "annotator": someone(), "tab": str(uuid4())}
    connection = HTTPConnection(urlsplit(bench.address).netloc, timeout=60)
    start, times = perf_counter() + wait, []
    for index in range(keys):
        due = start + index * OTHERS_EVERY
        sleep(max(0.0, due - perf_counter()))
        place = {"action": str(uuid4()), "video": video, "first": index, "last": index, "source": "key"}
        answers = [{"attribute": name, "value": index % 2 == 0} for name in bench.workspace.attributes.names]
        events = [{**place, **answer, "id": str(uuid4())} for answer in answers]
        body = json.dumps({**who, "video": video, "key": LONG_VIDEO, "index": index, "events": events})
        connection.request("POST", "/api/labels", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
        if response.status != 200 or len(json.loads(content)["acknowledged"]) < len(events):
            raise RuntimeError(f"The server did not take the labels: {response.status} {content!r}")
        times.append(1000 * (perf_counter() - due))
    connection.close()
    return times


def single(bench: Bench) -> Figures:
    """Label some frames one by one; the time of all frames follows from that of a key."""
    letters, annotator = bench.letters(), someone()
    some = letters[:SINGLE]
    with bench.page(annotator) as page:
        page.get_by_label("Next picture after saving").check()
        measured = page.evaluate("(given) => bench.single(...given)", [some, STEADY])
        wait_until_saved(page)
    every_key = len(letters) + sum(map(len, letters))
    seconds = every_key * measured["seconds"] / measured["keys"]
    return {
        "frames_per_minute_single": 60 * len(letters) / seconds,
        "seconds_single": seconds,
        "keys_single": every_key,
        "wrong_single": bench.wrong(annotator, len(some)),
    }


def painting(bench: Bench) -> Figures:
    """Label all frames by painting, at four times the speed, and compare them with the truth."""
    letters, annotator = bench.letters(), someone()
    changes = [(0, letters[0])] + [(i, some) for i, some in enumerate(letters) if some and i]
    with bench.page(annotator) as page:
        page.evaluate("[bench.press('+'), bench.press('+')]")
        given = [changes, len(letters) - 1, STEADY, bench.reaction]
        measured = page.evaluate("(given) => bench.painting(...given)", given)
        wait_until_saved(page)
    return {
        "frames_per_minute_painted": 60 * len(letters) / measured["seconds"],
        "seconds_painted": measured["seconds"],
        "keys_painted": measured["keys"],
        "changes": len(changes) - 1,
        "wrong_painted": bench.wrong(annotator, len(letters)),
    }


def timeline(bench: Bench) -> Figures:
    """Drag along the lanes of the frames in view; the time of all frames follows from that of a drag."""
    answers, annotator = bench.answers, someone()
    with bench.page(annotator) as page:
        shown = _zoom(page, len(answers))
        frames = int(shown)
        seconds = _drag_along(page, answers[:frames], shown)
        wait_until_saved(page)
    drags = [len(stretches(answers[first : first + frames])) for first in range(0, len(answers), frames)]
    return {
        "frames_per_minute_timeline": 60 * len(answers) / (sum(drags) * seconds / drags[0]),
        "drags_timeline": sum(drags),
        "share_wrong_timeline": bench.wrong(annotator, frames) / answers[:frames].size,
    }


def stretches(answers: pd.DataFrame) -> list[tuple[int, int, int, bool]]:
    """Return lane, first and last frame, and answer, of every stretch of equal answers of (frames, attributes) bool."""
    found = []
    for lane, name in enumerate(answers):
        values = answers[name].to_numpy()
        edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
        found += [(lane, first, end - 1, bool(values[first])) for first, end in pairwise(edges)]
    return found


def _zoom(page: Page, frames: int) -> float:
    """Zoom in at the start; return how many frames are in view."""
    page.locator(".timeline").scroll_into_view_if_needed()
    shown = float(frames)
    while shown > SHOWN:
        page.get_by_role("button", name="Zoom in").click()
        shown /= 2
    return shown


def _drag_along(page: Page, answers: pd.DataFrame, shown: float) -> float:
    """Drag along every stretch, with Shift where its answer is false; return the seconds."""
    box = page.get_by_role("slider", name="Timeline").bounding_box()
    start = perf_counter()
    for number, (lane, first, last, value) in enumerate(stretches(answers)):
        sleep(max(0.0, start + number * DRAG - perf_counter()))
        left, right = (box["x"] + (frame + 0.5) / shown * box["width"] for frame in (first, last))
        y = box["y"] + RULER + (lane + 0.5) * LANE
        if not value:
            page.keyboard.down("Shift")
        page.mouse.move(left, y)
        page.mouse.down()
        page.mouse.move(right, y, steps=5)
        page.mouse.up()
        page.keyboard.up("Shift")
    return perf_counter() - start


def opening(bench: Bench) -> Figures:
    """Open the long video, and jump about in it."""
    times, figures = [], {}
    for turn in range(bench.rounds):
        with bench.page(READER) as page:
            times.append(bench.open(page, LONG_VIDEO))
            if turn == 0:
                figures = _memory(bench, page)
    return {"open_20000_first_frame_ms": median(times)} | figures


def _memory(bench: Bench, page: Page) -> Figures:
    figures: Figures = {}
    for before, jumps in pairwise((0, *JUMPS)):
        page.evaluate("(count) => bench.jump(count)", jumps - before)
        page.evaluate("bench.relaxed()")
        figures[f"heap_mb_{jumps}_jumps"] = page.evaluate("bench.heap()") / 1e6
        figures[f"memory_mb_{jumps}_jumps"] = figures["memory_mb"] = renderer_megabytes(bench.browser)
    return figures


def renderer_megabytes(browser: Browser) -> float:
    """Return the resident memory of the largest process that renders pages: the tab."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    renderers = [psutil.Process(process["id"]) for process in processes if process["type"] == "renderer"]
    return max(process.memory_info().rss for process in renderers) / 1e6


def percentiles(name: str, rounds: list[list[float]]) -> Figures:
    """Return the medians over rounds of the 50th and the 95th percentile, in milliseconds."""
    return {
        f"{name}_p{percent}_ms": median(float(np.percentile(times, percent)) for times in rounds)
        for percent in (50, 95)
    }


PARTS: dict[str, Callable[[Bench], Figures]] = {
    part.__name__: part for part in (keys, acknowledge, single, painting, timeline, opening)
}


def measure(rounds: int, frames: int, reaction: float, folder: Path | None, only: list[str]) -> Figures:
    """Measure the chosen parts, one after the other."""
    figures: Figures = {}
    with scratch_folder() as scratch:
        workspace, answers = labelling_workspace(folder or scratch, frames)
        with app(workspace.path) as address, chromium() as browser:
            for name in only:
                figures |= PARTS[name](Bench(workspace, answers, address, browser, rounds, reaction))
    if "seconds_single" in figures and "seconds_painted" in figures:
        figures["times"] = figures["seconds_single"] / figures["seconds_painted"]
    return figures


OPTIONS = {
    "--rounds": {"default": 3, "help": "of keys, acknowledge and opening"},
    "--frames": {"default": 3000, "help": "of the seam"},
    "--reaction": {"default": 0.0, "help": "milliseconds until a pause in painting"},
    "--folder": {"type": Path, "help": "where the seam is kept for the next time; else a temporary one"},
    "--only": {"nargs": "+", "choices": PARTS, "default": list(PARTS), "help": "some parts"},
}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
