"""Renders the demo class into a folder: videos that are rendered, never real, and the truth of every frame."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.demo.camera import camera_frames
from core.demo.plan import FPS, FRAMES, VIDEOS, VideoPlan
from core.demo.sample_plan import video_plan
from core.demo.seam_strip import render_strip
from core.demo.truth import FrameTruth, seam_lines, truth, truth_table
from core.process_settings import leave_opencv_one_thread
from core.videos.video_writer import write_video

_CRF = 23  # x264's usual quality: at a better one most of the file would be sensor noise


@dataclass(frozen=True)
class RenderedVideo:
    """A rendered video on disk. `labelled` is False where the labels are left to the user."""

    name: str
    path: Path
    labelled: bool
    truth: list[FrameTruth]


def render_frames(plan: VideoPlan) -> Iterator[tuple[np.ndarray, FrameTruth]]:
    """The frames of a video, (480, 640, 3) uint8 BGR, each with its truth."""
    return zip(camera_frames(plan, render_strip(plan)), truth(plan), strict=True)


def render_video(plan: VideoPlan, folder: Path) -> RenderedVideo:
    """Write `<name>.mp4`, `<name>_truth.csv` and `<name>_seam.csv` into an existing folder."""
    frames = truth(plan)
    path = folder / f"{plan.name}.mp4"
    write_video(path, (picture for picture, _ in render_frames(plan)), FPS, crf=_CRF)
    truth_table(plan.name, frames).to_csv(folder / f"{plan.name}_truth.csv")
    seam_lines(plan).to_csv(folder / f"{plan.name}_seam.csv", index=False)
    return RenderedVideo(plan.name, path, plan.labelled, frames)


def render_class(
    folder: Path,
    seed: int = 1,
    videos: int = VIDEOS,
    frames: int = FRAMES,
    progress: Callable[[int, int], None] | None = None,
) -> list[RenderedVideo]:
    """Render a whole class, one process per core; `progress` is called with (videos done, videos in all)."""
    folder.mkdir(parents=True, exist_ok=True)
    plans = video_plan(seed, videos, frames)
    workers = max(1, min(os.cpu_count() or 1, len(plans)))
    spawn = multiprocessing.get_context("spawn")  # fork is not safe once TensorFlow or threads are there
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin_work) as pool:
        jobs = [pool.submit(render_video, plan, folder) for plan in plans]
        try:
            for done, job in enumerate(as_completed(jobs), start=1):
                job.result()  # raises a failure at once, not after the last video
                if progress:
                    progress(done, len(plans))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # nobody waits for the others
            raise
    return [job.result() for job in jobs]


def _begin_work() -> None:
    leave_opencv_one_thread()  # there is a process per core
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when the process that started it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
