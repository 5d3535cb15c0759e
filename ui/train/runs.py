"""The runs of a workspace on the Train page: a table to choose from, and what one run is and came to."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from core.access.rights import Right, may
from core.errors import RunError
from core.evaluation import evaluate, verdict
from core.evaluation.compare_configs import flat_config, validation_accuracies
from core.files import files_version
from core.jobs import jobs, slots
from core.jobs.queue import ordinal
from core.runs import run_names, run_parts
from core.runs import run_store as runs
from core.runs.run import ACTIVE, Run
from core.runs.run_store import DamagedRun
from core.splits.split import PARTS
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import roles, run_choice
from ui.shell.page import annotator, errors_shown, rerun_with, show_error
from ui.train import compare_configs, curves, training_progress

Line = list[Run]  # what a line of the table stands for: one run, or all runs of a series


def section(workspace: Workspace) -> None:
    """Write the table, and below it what is chosen there."""
    every = runs.list_runs(workspace)
    if not every and not runs.damaged_runs(workspace):
        return
    st.header("Runs", anchor=False)
    busy = any(run.state in ACTIVE for run in every)
    st.fragment(_content, run_every=5 if busy else None)(workspace)


@errors_shown()
def _content(workspace: Workspace) -> None:
    table = lines(runs.list_runs(workspace))  # anew: another browser may have deleted some
    damaged = runs.damaged_runs(workspace)
    rows = _table(workspace, table, damaged)
    chosen = [run for row in rows if row < len(table) for run in table[row]]
    for row in rows:
        if row >= len(table):
            show_error(damaged[row - len(table)].error)
    if len(chosen) > 1:
        compare_configs.section(chosen)
        _delete(chosen)
    elif chosen:
        _one(chosen[0])
    else:
        st.caption("Choose a run at its left edge to see its curves, or several to compare them.")
        # The newest has perhaps just ended. None while one learns, whose curves are above.
        alone = [line[0] for line in table if not line[0].series]
        if alone and all(run.state not in ACTIVE for line in table for run in line):
            _one(alone[0])


def lines(every: list[Run]) -> list[Line]:
    """Fold the runs of each series into one line, at the place of the newest."""
    folded: dict[str, Line] = {}
    for run in every:
        folded.setdefault(run.series.id if run.series else run.id, []).append(run)
    return [sorted(line, key=lambda run: run.series.number if run.series else 0) for line in folded.values()]


def _table(workspace: Workspace, table: list[Line], damaged: list[DamagedRun]) -> list[int]:
    """Write a line per run or series, then one per damaged run; return the numbers of those that are chosen."""
    places = {run.id: ordinal(place) for place, run in enumerate(slots.waiting(workspace), 1)}
    rows = [_row(line, places) for line in table] + [{"Run": run.id, "State": "damaged"} for run in damaged]
    names = [line[0].id for line in table] + [run.id for run in damaged]
    shares = {name: st.column_config.NumberColumn(format="%.1f %%", help=words) for name, words in {
        "Validation": "Accuracy of the best epoch on the validation part: the mean over the attributes, or the share of right "
                      "classes.",
        "Test": "Accuracy on the test part: the mean over the attributes, or the share of right classes; see Test.",
    }.items()}  # fmt: skip
    # A run that comes or goes moves the lines: the choice begins anew then.
    event = st.dataframe(
        pd.DataFrame(rows), hide_index=True, on_select="rerun", selection_mode="multi-row",
        key=f"runs_{hash(tuple(names))}", height=min(420, 38 + 35 * len(rows)), placeholder="–",
        column_config=shares | {
            "Frames": st.column_config.NumberColumn(format="localized", help="Labelled frames in all parts"),
            "Best epoch": st.column_config.NumberColumn(help="With the smallest validation loss; it is kept."),
            "Minutes": st.column_config.NumberColumn(format="%.1f"),
        },
    )  # fmt: skip
    return [row for row in event.selection.rows if row < len(names)]


def _row(line: Line, places: dict[str, str]) -> dict[str, Any]:
    facts = [_line(run) for run in line]
    state = training_progress.STATES.get(line[0].state, line[0].state)
    row = facts[0] | {"State": f"{places[line[0].id]} in the queue" if line[0].id in places else state}
    if series := line[0].series:
        states = [run.state for run in line]
        done = f"{states.count('done')} of {series.of} done"
        alike = {name: row[name] if all(fact[name] == row[name] for fact in facts) else None for name in row}
        return alike | {
            "Run": f"{run_names.SERIES.get(series.kind, series.kind)}: {series.of} runs", "State": done, "Best epoch": None,
            "Validation": None, "Test": None, "Beats guessing": None, "Folder": None, "Minutes": sum(fact["Minutes"] for fact in facts),
        }  # fmt: skip
    return row


def _line(run: Run) -> dict[str, Any]:
    """Return the line of one run, with the name of its user where who is here may read it."""
    facts = {"Run": run_names.title(run)} | _facts(run) | {"User": run_names.owner(run)}
    return facts | {"Note": facts.pop("Note")}


def _stamp(run: Run) -> tuple[Any, ...]:
    files = [run.path / name for name in ("status.json", "history.csv", "test.json")]
    return str(run.path), files_version(*files, run.note_file, run.name_file), str(date.today())


@st.cache_data(max_entries=400, show_spinner=False, hash_funcs={Run: _stamp})
def _facts(run: Run) -> dict[str, Any]:
    """Return the line of one run; its state is added later: it changes when a process dies."""
    reached = validation_accuracies(run)
    test = evaluate.listed_result(run)
    tested = test.accuracy if test else None
    return {
        "State": "", "Network": run.config.network,
        "Split": run.config.split.by + (", leaking" if run.leak else ""), "Frames": len(run.frames),
        "Best epoch": run.best_epoch,
        "Validation": 100 * sum(reached.values()) / len(reached) if reached else None,
        "Test": None if tested is None else 100 * tested, "Beats guessing": verdict.headline(test).gain if test else None,
        "Folder": run.id, "Minutes": run.minutes, "Note": run.note,
    }  # fmt: skip


def _one(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {md(run_names.title(run))}", help=run_choice.folder(run.id), width="content")
        if roles.may_change(run):
            with st.popover("Rename", icon=":material/edit:", type="tertiary"):
                run_choice.rename_form(run)
    state, status = run.state, run.status
    how_far = f"{run.network.name} · {training_progress.STATES.get(state, state)} · epoch {status.epoch} of {run.limits.epochs}"
    user = f" · for {name}" if (name := run_names.owner(run)) else ""
    trains, validates, tests = (run_parts.frames_counted(run, part) for part in PARTS)
    st.caption(
        f"{md(how_far)}{md(user)}. Trains on {md(trains)}, validates on {md(validates)}, tests on {md(tests)}."
    )
    _ending(run)
    if state in ("queued", *ACTIVE):
        st.caption("Its curves are above." if state != "queued" else "It has not started yet.")
    else:
        with st.container(horizontal=True):
            if roles.may_change(run):
                _resume(run)
            if st.button("Train again", icon=":material/replay:", key=f"repeat_{run.id}",
                         help="A new run with the same settings, frames and labels as this one."):  # fmt: skip
                training_progress.announce(jobs.start_like(run, annotator()))
            _delete([run])
        curves.section(run)
    left, right = st.columns(2, gap="medium")
    with left.expander("Configuration", icon=":material/settings:"):
        values = [(name, value) for name, value in flat_config(run) if value is not None]
        rows = [(compare_configs.worded(name), str(value)) for name, value in values]
        st.dataframe(pd.DataFrame(rows, columns=["What", "Value"]), hide_index=True)
    key = f"note_{run.id}"
    right.text_area("Note", run.note, key=key, height=90, disabled=not roles.may_change(run), on_change=_note, args=(run, key),
                    placeholder="What do you want to remember about this run?", max_chars=2000)  # fmt: skip


@errors_shown()
def _note(run: Run, key: str) -> None:
    runs.set_note(run, st.session_state[key])


def _ending(run: Run) -> None:
    words = run.status.error
    if (state := run.state) == "failed":
        st.error(f"**Training failed.** {md(words) or 'See the log.'}", icon=":material/error:")
    elif state == "interrupted":
        st.warning(f"**Training was interrupted.** {md(words) or 'Its process was ended from outside.'}",
                   icon=":material/power_off:")  # fmt: skip
    elif state == "stopped":
        kept = "Its best network is kept." if run.status.best else "It had not finished an epoch."
        st.info(f"**Training was stopped.** {md(words) or md(kept)}", icon=":material/pause_circle:")
    for note in run.config.notes:
        st.caption(f":orange[:material/warning: {md(note)}]")


def _resume(run: Run) -> None:
    finished = len(run.history)
    if finished and not run.checkpoint_file.exists():
        return  # of an early version, which cannot be continued
    is_done = run.state == "done"
    if not is_done and st.button("Resume", type="primary", icon=":material/play_arrow:", key=f"resume_{run.id}",
                                 help=f"Continues after epoch {md(finished)}, as soon as no other training runs."):  # fmt: skip
        jobs.resume(run)
        rerun_with(f"{run_names.short(run)} resumed.")
    words = "Train longer" if is_done else "Continue with a new limit"
    with st.popover(words, icon=":material/fast_forward:"):
        _resume_to(run, finished, run.limits.epochs if finished < run.limits.epochs else finished + 5)


def _resume_to(run: Run, finished: int, end: int) -> None:
    until = st.number_input("Until epoch", max(1, min(finished + 1, end)), 2000, end, key=f"until_{run.id}",
                            help="Counted from the start of the run.")  # fmt: skip
    limit = None if run.state == "done" else run.limits.minutes
    unsaid = f"as before, {limit:g} minutes in all" if limit else "no limit"
    minutes = st.number_input("Minutes", 0.0, 600.0, None, step=1.0, format="%g", key=f"until_minutes_{run.id}",
                              help="Limits the time instead of the epochs. Of an unfinished run, the minutes it has used count. "
                              f"Empty: {md(unsaid)}.")  # fmt: skip
    if st.button("Continue training", type="primary", key=f"go_on_{run.id}"):
        jobs.resume(run, None if minutes else int(until), minutes or None)
        within = f", for {limit:g} minutes in all at most" if limit else ""
        end = f"for {minutes:g} minutes" if minutes else f"until epoch {until}{within}"
        rerun_with(f"{run_names.short(run)} continues {end}.")


def _delete(chosen: list[Run]) -> None:
    if not may(Right.DELETE):
        return
    what = run_names.short(chosen[0]) if len(chosen) == 1 else f"these {len(chosen)} runs"
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Permanently deletes {md(what)} with networks, curves and tests. Your labels stay.")
        if st.button("Delete permanently", type="primary", key=f"delete_{chosen[0].id}_{len(chosen)}"):
            refused = []
            for run in chosen:  # one that cannot be deleted keeps no other
                try:
                    runs.delete(run)
                except RunError as error:
                    refused.append(error)
            if refused:
                raise refused[0]
            rerun_with("The run is deleted." if len(chosen) == 1 else f"{len(chosen)} runs are deleted.")
