"""Suggestions of the latest run for the labelling page, worked out when they are asked for."""

from threading import Lock
from typing import Any

from core.assist import suggestions
from core.labels.labels import check_annotator
from core.media.library import Video
from core.workspace import Workspace

_one_at_a_time = Lock()  # two at once would only take turns on the same processor


def suggestions_of(workspace: Workspace, annotator: str, video: Video, insisted: bool) -> dict[str, Any]:
    """Return suggestions of every frame of ``video`` for an annotator, or why there are none.

    Returns:
        ``status``: ``ready`` with the rest of `core.assist.suggestions.to_json`; ``no run`` where no network is
        trained; ``withheld`` for a video of the test part, unless ``insisted``: a suggestion would lean the answers
        that the network is tested against; ``blind`` or ``gold`` where no insisting helps, see
        `core.assist.suggestions.withheld`.

    Raises:
        LabelError: no annotator.
    """
    check_annotator(annotator)
    if reason := suggestions.withheld(workspace, annotator, video):
        return {"status": reason}
    run = suggestions.suggesting_run(workspace)
    if run is None:
        return {"status": "no run"}
    part = suggestions.part_of(run, video)
    if part == "test" and not insisted:
        return {"status": "withheld", "run": run.id}
    with _one_at_a_time:
        table = suggestions.suggest(run, workspace, video)
    return {"status": "ready", "part": part, **suggestions.to_json(run, workspace, table)}
