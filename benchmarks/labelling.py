"""The speed of the labelling page, in Chromium, on a rendered seam of 3,000 frames whose truth is known.

    python -m benchmarks.labelling [--json] [--rounds N] [--frames N] [--folder FOLDER] [--only PART ...]

keys         from `n`, 30 a second, to the animation frame that finds its frame drawn, and to that frame's end; labels that
             are missing after `s` and `n` in turn, 30 a second
acknowledge  from `s`, 8 a second, until its labels are in the database, while four more annotators label over HTTP
single       labelling frame by frame, at most 8 keys a second: a part, and from it the time of all frames
painting     labelling all frames by painting, at most 8 keys a second: all answers are compared with the truth
timeline     dragging along the lanes, one drag for each stretch, at most one a second: a part of the frames
opening      a video of 20,000 labelled frames: until its first frame is drawn, and memory after 100 and 500 jumps
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page

from benchmarks import chromium
from benchmarks.annotators import others
from benchmarks.footage import LONG_VIDEO, READER, SEAM_VIDEO, Footage, footage
from benchmarks.timeline import drag_along, drags_in
from core.labels.consensus import labels_of

Found = dict[str, float]

FRAMES = 3000
FAST, STEADY = 30, 8  # keys a second: held down; what fingers do for an hour
HURRIED = 300  # frames that are passed with `FAST`
KEYS = 120  # of one round with other annotators
OTHERS = 4
STRETCH = 200  # frames that are labelled one by one
JUMPS = (100, 500)
BARS = {  # at most, or at least where rising is good
    "key_to_paint_p95_ms": "at most 20", "lost": "0", "acknowledge_p95_ms": "at most 300", "times": "at least 5",
    "wrong_painted": "0", "wrong_single": "0", "open_20000_first_frame_ms": "at most 1500",
}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """What the parts measure on; ``reaction`` is in milliseconds."""

    footage: Footage
    address: str
    browser: Browser
    rounds: int
    reaction: float

    @contextmanager
    def page(self, annotator: str) -> Iterator[Page]:
        """Open the seam for an annotator, with the frames ahead fetched."""
        with chromium.labelling_page(self.browser, self.address, annotator) as page:
            page.evaluate("([id, key]) => bench.open(id, key)", [self.footage.seam, SEAM_VIDEO])
            page.evaluate("bench.relaxed()")
            yield page

    def stored(self, annotator: str, frames: int) -> pd.DataFrame:
        """Return what the database holds of the first ``frames`` frames of the seam."""
        return labels_of(self.footage.workspace, annotator, SEAM_VIDEO).iloc[:frames]

    def wrong(self, annotator: str, frames: int) -> int:
        """Count the answers that are not the true ones; one that is missing is wrong."""
        stored, true = self.stored(annotator, frames), self.footage.answers.iloc[:frames]
        return int(sum((stored[name] != true[name]).fillna(True).sum() for name in true))

    def letters(self) -> list[str]:
        """Return the keys that change before each frame; at first all answers are false."""
        attributes, true = self.footage.workspace.attributes, self.footage.answers
        keys = np.array([attribute.key for attribute in attributes])
        answers = true[list(attributes.names)].to_numpy()
        changed = np.diff(answers, axis=0, prepend=np.zeros((1, answers.shape[1]), bool))
        return ["".join(keys[row]) for row in changed]


def someone() -> str:
    """Return an annotator who has labelled nothing yet."""
    return f"someone-{uuid4().hex[:8]}"  # the page takes names of 40 characters at most


def keys(bench: Bench) -> Found:
    """Measure `n` at 30 keys a second, and count what `s` and `n` at that rate lose."""
    count, rounds, lost = min(HURRIED, len(bench.footage.answers) - 1), [], 0
    for _ in range(bench.rounds):
        with bench.page(someone()) as page:
            rounds.append(page.evaluate("([count, rate]) => bench.paint(count, rate)", [count, FAST]))
        lost += _lost(bench, count)
    found: Found = {}
    for side, name in (("shown", "key_to_paint"), ("presented", "key_to_end_of_frame")):
        found |= percentiles(name, [times[side] for times in rounds])
    return found | {"lost": lost}


def _lost(bench: Bench, count: int) -> int:
    annotator = someone()
    with bench.page(annotator) as page:
        page.evaluate("([count, rate]) => bench.hurry(count, rate)", [count, FAST])
        chromium.saved(page)
    return int(bench.stored(annotator, count).isna().to_numpy().sum())


def acknowledge(bench: Bench) -> Found:
    """Measure the way of a label into the database while others label as well."""
    mine, theirs, requests = [], [], 0
    count, attributes = min(KEYS, len(bench.footage.answers) - 1), len(bench.footage.answers.columns)
    for _ in range(bench.rounds):
        with (
            bench.page(someone()) as page,
            others(bench.footage, bench.address, OTHERS, count / STEADY + 2) as told,
        ):
            page.get_by_label("Next picture after saving").check()
            found = page.evaluate("(given) => bench.acknowledge(...given)", [count, STEADY, attributes])
            theirs.append(told.result())
        mine.append(found["waits"])
        requests += found["requests"]
    shares = {"requests_per_key": requests / (count * bench.rounds)}
    return percentiles("acknowledge", mine) | percentiles("others_acknowledge", theirs) | shares


def single(bench: Bench) -> Found:
    """Label a stretch frame by frame; the time of all frames follows from that of a key."""
    letters, annotator = bench.letters(), someone()
    some = letters[: min(STRETCH, len(letters))]
    with bench.page(annotator) as page:
        page.get_by_label("Next picture after saving").check()
        found = page.evaluate("(given) => bench.single(...given)", [some, STEADY])
        chromium.saved(page)
    every_key = len(letters) + sum(map(len, letters))
    seconds = every_key * found["seconds"] / found["keys"]
    return {
        "frames_per_minute_single": 60 * len(letters) / seconds,
        "seconds_single": seconds,
        "keys_single": every_key,
        "wrong_single": bench.wrong(annotator, len(some)),
    }


def painting(bench: Bench) -> Found:
    """Label all frames by painting, and compare them with the truth."""
    letters, annotator = bench.letters(), someone()
    changes = [(0, letters[0])] + [(i, some) for i, some in enumerate(letters) if some and i]
    with bench.page(annotator) as page:
        page.evaluate(
            "[bench.press('+'), bench.press('+')]"
        )  # four times the speed, at most 60 frames a second
        given = [changes, len(letters) - 1, STEADY, bench.reaction]
        found = page.evaluate("(given) => bench.painting(...given)", given)
        chromium.saved(page)
    return {
        "frames_per_minute_painted": 60 * len(letters) / found["seconds"],
        "seconds_painted": found["seconds"],
        "keys_painted": found["keys"],
        "changes": len(changes) - 1,
        "wrong_painted": bench.wrong(annotator, len(letters)),
    }


def timeline(bench: Bench) -> Found:
    """Label a part of the frames by dragging along the lanes; the time of all follows from that of a drag."""
    annotator = someone()
    with bench.page(annotator) as page:
        seconds, drags, frames = drag_along(page, bench.footage.answers)
        chromium.saved(page)
    answers = bench.footage.answers
    every_drag = sum(drags_in(answers[first : first + frames]) for first in range(0, len(answers), frames))
    return {
        "frames_per_minute_timeline": 60 * len(answers) / (every_drag * seconds / drags),
        "drags_timeline": every_drag,
        "share_wrong_timeline": bench.wrong(annotator, frames) / answers[:frames].size,
    }


def opening(bench: Bench) -> Found:
    """Open the long video, and jump about in it."""
    times, found = [], {}
    for turn in range(bench.rounds):
        with bench.page(READER) as page:
            times.append(page.evaluate("(given) => bench.open(...given)", [bench.footage.long, LONG_VIDEO]))
            if turn == 0:
                found = _memory(bench, page)
    return {"open_20000_first_frame_ms": statistics.median(times)} | found


def _memory(bench: Bench, page: Page) -> Found:
    found: Found = {}
    for before, jumps in zip((0, *JUMPS), JUMPS, strict=False):
        page.evaluate("(count) => bench.jump(count)", jumps - before)
        page.evaluate("bench.relaxed()")
        found[f"heap_mb_{jumps}_jumps"] = page.evaluate("bench.heap()") / 1e6
        found[f"memory_mb_{jumps}_jumps"] = chromium.renderer_megabytes(bench.browser)
    return found | {"memory_mb": found[f"memory_mb_{JUMPS[-1]}_jumps"]}


def percentiles(name: str, rounds: list[list[float]]) -> Found:
    """Return the medians over rounds of the 50th and the 95th percentile, in milliseconds."""
    return {
        f"{name}_p{percent}_ms": statistics.median(float(np.percentile(times, percent)) for times in rounds)
        for percent in (50, 95)
    }


PARTS: dict[str, Callable[[Bench], Found]] = {
    part.__name__: part for part in (keys, acknowledge, single, painting, timeline, opening)
}


def measure(choice: argparse.Namespace, folder: Path) -> Found:
    """Measure the chosen parts, one after the other."""
    found: Found = {}
    ground = footage(folder, choice.frames)
    with chromium.serving(ground.workspace.path) as address, chromium.chromium() as browser:
        bench = Bench(ground, address, browser, choice.rounds, choice.reaction)
        for name in choice.only:
            found |= PARTS[name](bench)
    if "seconds_single" in found and "seconds_painted" in found:
        found["times"] = found["seconds_single"] / found["seconds_painted"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=3, help="of keys, acknowledge and opening (default: 3)")
    parser.add_argument("--frames", type=int, default=FRAMES, help=f"of the seam (default: {FRAMES})")
    parser.add_argument(
        "--reaction", type=float, default=0, help="milliseconds until a pause in painting (default: 0)"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the seam is kept for the next time; else a temporary one"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="some parts")
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = choice.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        show(measure(choice, folder), choice.json)


def show(found: Found, as_json: bool) -> None:
    """Print a table, or one JSON object."""
    if as_json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:32} {value:12.6g}  {BARS.get(name, '')}".rstrip())
    if "seconds_single" in found:
        print(
            f"Frame by frame was measured on {STRETCH} frames; the time of all follows from their seconds per key."
        )


if __name__ == "__main__":
    main()
