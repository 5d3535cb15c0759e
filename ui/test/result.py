"""What a test says, in words first: how much better than guessing, the bars, the worst video; all numbers are folded."""

from collections.abc import Sequence

import streamlit as st

from core.errors import MediaError
from core.evaluation import evaluate, thresholds, verdict
from core.evaluation.verdict import Headline
from core.media.library import videos
from core.report.trust import Trust
from core.runs import run_parts
from core.runs.results import OriginResult, TestResult, VideoResult
from core.runs.run import Run
from core.text import count, percent, points
from core.workspace import Workspace
from ui.elements import bars, charts, verdicts
from ui.elements.bars import Bar
from ui.elements.markdown import md
from ui.shell import cache
from ui.shell.page import errors_shown
from ui.test import accuracy, result_cache

SHOWN, WIDTH = 6, 220
PRACTICE = "What counts for your seams is a test on videos that you filmed."


@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write what the test of ``run`` came to: of one's own videos and of practice videos apart."""
    result = evaluate.stored(run)
    trusts = cache.trusts(run)
    for headline, group, trust in zip(verdict.headlines(result), result.groups, trusts, strict=True):
        _group(workspace, run, headline, group, trust, _of_origin(workspace, result, group))
    _labels_since(run, result)
    if result.threshold_changes:
        st.caption(f":orange[:material/visibility:] {md(thresholds.sentence(result.threshold_changes))}")
    with st.expander("All numbers", icon=":material/table_chart:"):
        accuracy.numbers(run, result)


def _of_origin(workspace: Workspace, result: TestResult, group: OriginResult) -> list[VideoResult]:
    """Return the results on videos of that origin, the worst first."""
    drawn = {video.key for video in videos(workspace, hidden=True) if video.origin == "rendered"}
    rows = [
        row for row in result.per_video
        if len(result.groups) == 1 or (row.video in drawn) is (group.origin == "rendered")
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (_share(row) is None, _share(row) or 0.0))


def _share(row: VideoResult) -> float | None:
    """Return the share of frames with everything right, else the mean over the attributes."""
    if row.exact_match is not None:
        return row.exact_match
    shares = [share for share in row.attributes.values() if share is not None]
    return sum(shares) / len(shares) if shares else None


def _group(
    workspace: Workspace,
    run: Run,
    headline: Headline,
    group: OriginResult,
    trust: Trust,
    rows: Sequence[VideoResult],
) -> None:
    with st.container(border=True, key=f"verdict_{headline.origin or 'all'}"):
        about = f"{group.frames:,} frames of {run_parts.groups(run, group.videos)}"
        st.markdown(f":gray[{md(headline.title)} · {md(about)}]")
        st.header(f"{verdicts.MARKS[trust.mark_of(headline.gain)]} {md(headline.sentence)}", anchor=False)
        st.markdown(verdicts.trusted(trust))
        left, right = st.columns(2, gap="large", vertical_alignment="center")
        with left:
            _bars(run, group)
        with right:
            for each in headline.verdicts:
                st.markdown(verdicts.line(each, trust))
                if counted := _missed(run, group, each.of):
                    st.caption(counted)
            if headline.origin == "rendered":
                st.caption(PRACTICE)
        if len(rows) > 1:
            _worst(workspace, run, rows[0])


def _missed(run: Run, group: OriginResult, name: str) -> str:
    """Return how many defects were missed, and how many false alarms there were; empty of what is no defect."""
    row = group.attributes.get(name) if not group.classes else None
    if (
        row is None
        or row.decided is None
        or run.attributes[name].all_clear
        or run.attributes[name].is_property
    ):
        return ""
    missed, alarms = row.decided["true"]["false"], row.decided["false"]["true"]
    return f"Missed {missed:,} of {row.positives:,}; {count(alarms, 'false alarm')} in {row.frames - row.positives:,} frames without."


def _bars(run: Run, group: OriginResult) -> None:
    if classes := group.classes:
        if not classes.frames:
            return
        recalls = {name: share for name, share in classes.per_class["recall"].items() if share is not None}
        whole = Bar(
            verdict.ALL, classes.metrics["accuracy"] or 0.0, classes.metrics["baseline"], classes.interval
        )
        shown = [whole, *(Bar(name, share) for name, share in recalls.items())]
    else:
        rows = {name: row for name, row in group.attributes.items() if row.decided is not None}
        shown = [Bar(name, row.accuracy or 0.0, row.baseline, row.interval) for name, row in rows.items()]
    if shown:
        charts.show(
            bars.figure(run.attributes, shown), f"accuracies_{group.origin}", charts.height(len(shown), 44)
        )
        more = " Below all classes: how many frames of each were recognised." if group.classes else ""
        st.caption(bars.caption(shown) + more)


def _worst(workspace: Workspace, run: Run, row: VideoResult) -> None:
    """Write the worst video: what is right of it, and the mistakes on it that the network was surest of."""
    shares = [f"{name} {percent(share)}" for name, share in row.attributes.items() if share is not None]
    right = (
        f"everything right in {percent(row.exact_match)} of its frames" if row.exact_match is not None else ""
    )
    of_each = "" if run.attributes.exclusive else ", ".join(shares)
    about = f"{right} ({of_each})" if right and of_each else right or of_each
    st.markdown(f"**The worst {md(run_parts.kind(run))}: {md(row.video)}** · {md(about)}")
    if row.video in cache.blind(workspace):
        st.caption("You label this video blind: its mistakes are not shown.")
        return
    found = result_cache.find_mistakes(run)
    found = found[(found["video"] == row.video) & (found["index"] >= 0)].drop_duplicates("name").head(SHOWN)
    for column, mistake in zip(st.columns(SHOWN, gap="small"), found.itertuples(), strict=False):
        with column:
            try:
                st.image(
                    result_cache.picture(workspace, mistake.name, WIDTH), width="stretch", alt=mistake.name
                )
            except MediaError:
                st.caption(":material/broken_image: no picture")
            st.caption(_words(mistake))


def _words(mistake: object) -> str:
    name, decided = getattr(mistake, "attribute", ""), getattr(mistake, "decided", "")
    if decided:
        return f"{name} taken for {decided}"
    return f"{name}, but missed" if getattr(mistake, "label", False) else f"called {name}, but is not"


def _labels_since(run: Run, result: TestResult) -> None:
    """Say what has changed of the labels since the run was made, and what the numbers would be with the current ones."""
    changed, now = result_cache.current(run)
    if changed and not now:  # the frames were relabelled before the run was made
        st.info(changed, icon=":material/history:")
    if not now:
        return
    rows = []
    for name, row in result.attributes.items():
        then = now.attributes[name].accuracy
        if row.accuracy is not None and then is not None:
            by = then - row.accuracy
            rows.append(f"{name} {percent(then, 1)}" + (f" ({points(by)})" if abs(by) >= 0.0005 else ""))
    sentence = f"{changed} With the current labels the accuracy would be: {', '.join(rows)}."
    st.info(sentence, icon=":material/history:")
