"""The pictures of the report: decisions under the heatmaps of what the network decided. Brings TensorFlow."""

from typing import Any

from core.errors import SeamLensError
from core.evaluation.mistakes import decided_right, find_mistakes
from core.files import Progress, counted
from core.inspection import overlay
from core.inspection.inspector import Inspector
from core.media.images import data_address, small_jpeg
from core.media.library import read_frame
from core.runs.run import Run

WORST = 12
WIDTH = 360  # pixels: sharp on paper, and a report of 12 is under a megabyte
QUALITY = 85


EXAMPLES = 6
"""Pictures on the first page; half of them are mistakes, where there are so many."""


def examples(run: Run, inspector: Inspector, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Return some decisions of the tested ``run``, right ones first, of each attribute by turns.

    Returns:
        ``is_right``, ``asked`` (the attribute of the heatmap), ``words``, ``name`` of the frame, and ``picture``: the data
        address of the frame under its heatmap.

    Raises:
        RunError: the run was not tested.
    """
    wrong, right = find_mistakes(run).drop_duplicates("name"), decided_right(run)
    turns = right.groupby("attribute").cumcount()
    right = right.loc[turns.sort_values(kind="stable").index].drop_duplicates("name")
    right = right[~right["name"].isin(wrong["name"])]
    few = min(EXAMPLES // 2, len(wrong))
    rows = [(True, row) for row in right.head(EXAMPLES - few).itertuples()]
    rows += [(False, row) for row in wrong.head(EXAMPLES - len(rows)).itertuples()]
    return [
        drawn
        for is_right, row in counted(rows, progress)
        if (drawn := _example(run, inspector, row, is_right))
    ]


def _example(run: Run, inspector: Inspector, row: Any, is_right: bool) -> dict[str, Any] | None:
    try:
        picture = read_frame(run.workspace, row.name)
    except SeamLensError:
        return None  # the chapter about mistakes says so
    asked = getattr(row, "decided", "") or row.attribute
    drawn = overlay.draw(picture, inspector.inspect(picture), run.attributes, 0.55, (asked,))
    address = data_address(small_jpeg(drawn, WIDTH, QUALITY))
    words = f"{asked}: right" if is_right else _mistake(row)
    return {"is_right": is_right, "asked": asked, "words": words, "name": row.name, "picture": address}


def _mistake(row: Any) -> str:
    if row.decided:
        return f"{row.attribute} taken for {row.decided}"
    return f"{row.attribute}, but missed" if row.label else f"called {row.attribute}, but is not"


def worst(run: Run, inspector: Inspector, progress: Progress | None = None) -> list[dict[Any, Any]]:
    """Return the `WORST` mistakes that the tested ``run`` was surest of, each with its pictures.

    Returns:
        The columns of `core.evaluation.mistakes.find_mistakes`, and ``pictures``: data addresses of the frame and of the frame under the
        heatmap, with ``is_empty``: whether there was no evidence to draw; or ``missing``: why there is none.

    Raises:
        RunError: the run was not tested.
    """
    found = find_mistakes(run).head(WORST)
    if found.empty:
        return []
    return [row | _pictures(run, inspector, row) for row in counted(found.to_dict("records"), progress)]


def _pictures(run: Run, inspector: Inspector, mistake: dict[Any, Any]) -> dict[str, Any]:
    try:
        picture = read_frame(run.workspace, mistake["name"])
    except SeamLensError as error:
        return {"pictures": [], "is_empty": False, "missing": error.problem}
    seen = inspector.inspect(picture)
    asked = mistake["decided"] or mistake["attribute"]
    width = 2 * WIDTH if run.attributes.exclusive else WIDTH
    if run.attributes.exclusive:
        drawn = [overlay.figure(picture, seen, run.attributes, asked, width)]
    else:
        drawn = [picture, overlay.draw(picture, seen, run.attributes, 0.55, (asked,))]
    is_empty = overlay.is_empty(seen, run.attributes, asked)
    pictures = [data_address(small_jpeg(one, width, QUALITY)) for one in drawn]
    return {"pictures": pictures, "is_empty": is_empty}
