"""Every function of core that pages, routes or commands call: which right it needs, who may call it for whom, or that it is harmless.

A function that is in none of these tables fails a test: say here what it does.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from core.assist import suggestions
from core.evaluation import calibration, thresholds
from core.exchange import export_formats, export_tables, import_formats, import_tables
from core.jobs import jobs, series
from core.labels import annotation_view, assignments, consensus, corrections, labels, progress, sync
from core.media.library import get_video
from core.review import balance, gold
from core.runs import run_names, run_store
from core.runs.run import Run
from core.workspace import Workspace

VIDEO = "video_0"


class Case(NamedTuple):
    """What there is to be called for: a ``run`` that Ben wanted and one of a series of his, a table, and a folder to write in."""

    workspace: Workspace
    run: Run
    series: series.Series
    table: Path
    folder: Path


Call = Callable[[Case, str], Any]
"""Calls a function in the name of an annotator."""

WRITES_ANSWERS: dict[str, Call] = {
    "core.assist.suggestions.accept": lambda c, who: suggestions.accept(
        c.workspace,
        get_video(c.workspace, VIDEO),
        suggestions.decisions(c.run, c.workspace, _suggested(c.run)),
        who,
    ),
    "core.exchange.import_formats.import_format": lambda c, who: import_formats.import_format(
        c.workspace.path, [_metadata(c)], "huggingface", who
    ),
    "core.exchange.import_formats.preview_format": lambda c, who: import_formats.preview_format(
        c.workspace.path, [_metadata(c)], "huggingface", who
    ),
    "core.exchange.import_tables.import_tables": lambda c, who: import_tables.import_tables(
        c.workspace.path, [c.table], who
    ),
    "core.exchange.import_tables.preview_tables": lambda c, who: import_tables.preview_tables(
        c.workspace.path, [c.table], who
    ),
    "core.labels.corrections.accept": lambda c, who: corrections.accept(
        c.workspace, who, [f"{VIDEO}_0"], "spot", True
    ),
    "core.labels.corrections.correct": lambda c, who: corrections.correct(
        c.workspace, who, VIDEO, 0, 0, "spot", False
    ),
    "core.labels.labels.erase": lambda c, who: labels.erase(c.workspace, who, "spot"),
    "core.labels.labels.record": lambda c, who: labels.record(c.workspace, who, VIDEO, 0, 1, {"spot": True}),
    "core.labels.labels.record_labelled": lambda c, who: labels.record_labelled(
        c.workspace, who, VIDEO, 0, 1, {"spot": True}
    ),
    "core.labels.sync.store": lambda c, who: sync.store(c.workspace, who, []),
}
"""Under one's own name only, also as an instructor."""

SHOWS_ANSWERS: dict[str, Call] = {
    "core.assist.suggestions.check_allowed": lambda c, who: suggestions.check_allowed(
        c.workspace, who, get_video(c.workspace, VIDEO)
    ),
    "core.assist.suggestions.withheld": lambda c, who: suggestions.withheld(
        c.workspace, who, get_video(c.workspace, VIDEO)
    ),
    "core.exchange.export_formats.export_format": lambda c, who: export_formats.export_format(
        c.workspace, c.folder / "format", "huggingface", who, pictures=False
    ),
    "core.exchange.export_formats.export_format_zip": lambda c, who: export_formats.export_format_zip(
        c.workspace, c.folder / "format.zip", "huggingface", who, pictures=False
    ),
    "core.exchange.export_formats.losses_of": lambda c, who: export_formats.losses_of(
        c.workspace, "huggingface", who
    ),
    "core.exchange.export_tables.export_tables": lambda c, who: export_tables.export_tables(
        c.workspace, c.folder / "tables", who, pictures=False
    ),
    "core.exchange.export_tables.export_zip": lambda c, who: export_tables.export_zip(
        c.workspace, c.folder / "tables.zip", who, pictures=False, decimal_comma=False
    ),
    "core.labels.annotation_view.annotation_view": lambda c, who: annotation_view.annotation_view(
        c.workspace, who, 1
    ),
    "core.labels.annotation_view.changes_since": lambda c, who: annotation_view.changes_since(
        c.workspace, who, 1, 0
    ),
    "core.labels.annotation_view.latest": lambda c, who: annotation_view.latest(c.workspace, who, 1),
    "core.labels.assignments.assigned": lambda c, who: assignments.assigned(c.workspace, who),
    "core.labels.assignments.blind": lambda c, who: assignments.blind(c.workspace, who),
    "core.labels.consensus.consensus": lambda c, who: consensus.consensus(c.workspace, who),
    "core.labels.progress.paces": lambda c, who: progress.paces(
        c.workspace, pd.Timestamp("2020-01-01", tz="UTC"), who
    ),
    "core.labels.progress.progress": lambda c, who: progress.progress(c.workspace, who),
    "core.review.balance.balance": lambda c, who: balance.balance(c.workspace, who),
    "core.review.gold.gold_scores": lambda c, who: gold.gold_scores(c.workspace, who),
}
"""To their annotator and to instructors."""

CHANGES_A_RUN: dict[str, Callable[[Case], Any]] = {
    "core.evaluation.calibration.calibrate": lambda c: calibration.calibrate(c.run),
    "core.evaluation.thresholds.reset": lambda c: thresholds.reset(c.run),
    "core.evaluation.thresholds.store": lambda c: thresholds.store(c.run, {"spot": 0.4}),
    "core.jobs.jobs.kill": lambda c: jobs.kill(c.run),
    "core.jobs.jobs.reopen": lambda c: jobs.reopen(c.run),
    "core.jobs.jobs.resume": lambda c: jobs.resume(c.run),
    "core.jobs.jobs.stop": lambda c: jobs.stop(c.run),
    "core.jobs.series.remove": lambda c: series.remove(c.series),
    "core.jobs.series.stop": lambda c: series.stop(c.series),
    "core.jobs.series.withdraw": lambda c: series.withdraw(c.workspace, "folds", c.series.id),
    "core.runs.run_names.rename": lambda c: run_names.rename(c.run, "Mine"),
    "core.runs.run_store.set_note": lambda c: run_store.set_note(c.run, "A note"),
}
"""What somebody wanted they may change and end, and instructors may."""

SHOWS_LESS = {
    "core.labels.corrections.labels_within",
    "core.labels.labels.check_has_labelled",
    "core.labels.progress.per_annotator",
    "core.labels.progress.per_day",
    "core.report.html_report.write_report",
    "core.review.contradictions.contradictions",
    "core.runs.run_names.title",
}
"""Of others these show students nothing; each has a test of its own."""

ASKS_ITSELF = {
    *(
        f"core.exchange.uploads.{name}" for name in ("discard", "find", "finish", "take", "writing")
    ),  # one's own, see test_uploads
    "core.labels.corrections.decides",  # returns whether who acts decides
    "core.labels.corrections.doubt",  # one's own, or by whoever decides
    "core.labels.corrections.take_back",  # the same
    "core.review.gold.check_instructor",
}
"""Each has a test of its own."""

UPKEEP = {
    *(
        f"core.events.trust.{name}"
        for name in ("described", "is_trusted", "trust", "trusted_settings", "untrusted")
    ),  # of the user's own computer
    "core.assist.suggestions.suggest",  # keeps what it has computed
    "core.assist.ruler_suggestions.frame_pitches",  # keeps what it has measured
    "core.assist.ruler_suggestions.suggest",
    "core.demo.make.store_seam_lines",  # what an earlier version did not write
    "core.evaluation.evaluate.measure",  # a test anew on the stored predictions
    "core.evaluation.evaluate.stored",
    "core.evaluation.thresholds.validation",  # predictions
    *(
        f"core.export.engines.{name}"
        for name in ("chosen", "default_engine", "forward_with", "may_be_measured", "measure")
    ),  # keeps what it has measured
    "core.inputs.feature_cache.add",
    "core.inputs.picture_cache.prune",
    "core.jobs.slots.advance",  # starts only what somebody has queued
    "core.jobs.slots.check_slot",
    "core.jobs.jobs.made_together",  # by `create_run`, which asks
    "core.jobs.series.wait",  # starts only what somebody has queued
    "core.jobs.pace.begin",
    "core.jobs.pace.measure",
    "core.jobs.processes.spawn_child",  # for functions that ask
    "core.jobs.worker.train",  # of a run that somebody could make and queue
    "core.live.priority.jobs_of",  # only how much of the processor they get
    "core.media.transaction.put_in_order",
    "core.workspace.open_or_create",  # makes one by `create`, which asks
}
"""Writes, but nothing that anybody decides."""

ON_FILES_OF_THEIRS = {
    "core.events.summary.as_csv",
    "core.events.summary.write_summary",
    "core.exchange.preview_folder.preview_path",
    "core.exchange.preview_folder.preview_paths",
    "core.exchange.preview_folder.tables_of",
    "core.exchange.scan_tables.tables_in",
    "core.inputs.augmentation_preview.write_sheet",
    "core.live.watch.film",
    "core.live.watch.watch",  # of the command line; its sessions ask
    "core.videos.forecast.forecast",
    "core.videos.forecast.unplayable",
}
"""Reads or writes what the caller names, and nothing of the class."""

EVERYBODY_SEES = {
    *(f"core.assist.guidance.{name}" for name in ("guidance",)),
    *(f"core.assist.instant_network.{name}" for name in ("chosen", "data_version", "frames_version", "learn", "suggest", "tests")),
    *(f"core.assist.label_issues.{name}" for name in ("caution", "find_issues", "plan", "unchecked")),
    *(f"core.assist.rare_frames.{name}" for name in ("cells", "find_rare_frames", "rare_answers", "sentence")),
    *(f"core.assist.split_gap.{name}" for name in ("measure_gap", "plan", "settings_of")),
    *(f"core.assist.ruler_suggestions.{name}" for name in ("decisions", "length_ruler")),
    "core.assist.starter.starter",
    *(f"core.assist.suggestions.{name}" for name in ("decisions", "part_of", "plain", "suggesting_run", "suggesting_runs", "to_json")),
    *(f"core.evaluation.calibration.{name}" for name in ("cautions", "diagram", "errors", "fits", "is_calibrated", "statements", "to_json")),
    *(f"core.evaluation.compare_configs.{name}" for name in ("compare_configs", "flat_config", "validation_accuracies")),
    "core.evaluation.compare_predictions.compare_predictions",
    *(f"core.evaluation.evaluate.{name}" for name in ("listed_result", "measure_with", "no_interval")),
    "core.evaluation.intervals.none_of",
    "core.evaluation.label_changes.changed_labels",
    "core.evaluation.metrics.metrics_of",
    *(f"core.evaluation.mistakes.{name}" for name in ("around", "decided_right", "find_mistakes", "mistakes_counted", "mistakes_as_json")),
    *(f"core.evaluation.threshold_costs.{name}" for name in ("cautions", "choose", "curve", "effect", "labels_and_probabilities")),
    *(f"core.evaluation.thresholds.{name}" for name in ("check", "check_is_learned", "check_has_thresholds", "sentence", "to_json")),
    *(f"core.evaluation.verdict.{name}" for name in ("headline", "headlines", "headlines_as_json")),
    "core.events.detector.default_rules",
    "core.events.send_to_labelling.sent",
    *(f"core.events.session_store.{name}" for name in ("all_damaged", "all_sessions", "damaged_sessions", "get_session")),
    "core.events.signals.from_settings",
    *(f"core.events.summary.{name}" for name in ("overview", "overviews", "summarise")),
    "core.exchange.store_pictures.is_blank",
    "core.explain.heatmap.heatmap_meaning",
    *(f"core.export.export.{name}" for name in ("check", "default_name")),
    "core.explain.heatmap_audit.stored",
    *(f"core.inputs.augmentation_preview.{name}" for name in ("sentences", "side_by_side", "vary")),
    "core.inputs.batches.sources_of",
    *(f"core.inputs.feature_cache.{name}" for name in ("missing", "read")),
    *(f"core.cluster.address.{name}" for name in ("check", "is_installed", "offered")),
    "core.jobs.background.nothing_more",
    *(f"core.jobs.slots.{name}" for name in ("active_on", "all_active", "place", "slots_on", "trainings", "waiting")),
    *(f"core.jobs.pace.{name}" for name in ("pace", "seconds")),
    *(f"core.jobs.queue.{name}" for name in ("ordinal", "waits")),
    *(f"core.jobs.series.{name}" for name in ("find", "finished", "new_id", "seconds_per_epoch")),
    "core.labels.annotator_labels.check_attribute",
    "core.labels.assignments.overlap",
    *(f"core.labels.frame_stretches.{name}" for name in ("numbered", "places")),
    "core.labels.label_table.attributes_of",
    *(f"core.labels.labels.{name}" for name in ("called", "called_here", "check_annotator", "has_labels")),
    "core.labels.progress.untouched",
    *(f"core.labels.provenance.{name}" for name in ("sentence", "suggested")),
    "core.labels.sync.read_events",
    "core.live.camera_recorder.recording_name",
    "core.evaluation.evaluate.predictions",
    "core.export.engine_record.file_of_run",
    "core.live.pace.described",
    "core.live.sources.find_source",
    "core.live.teaching.held_answers",
    *(f"core.maintenance.{name}" for name in ("backup.default_name", "check.check_workspace")),
    "core.media.add_frames.stream_origin",
    *(f"core.media.library.{name}" for name in ("drawn", "first_pictures", "frame_table", "get_video", "picture_file", "read_frame", "video_of_id", "videos")),
    "core.media.transaction.adding_now",
    "core.report.class_overview.talk_sentence",
    *(f"core.report.trust.{name}" for name in ("by_origin", "newest_tested")),
    *(f"core.review.advice.{name}" for name in ("advice", "advise")),
    "core.review.agreement.worst_first",
    *(f"core.review.balance.{name}" for name in ("folded", "frames_and_videos", "frames_behind")),
    "core.review.confounders.confounders",
    *(f"core.review.stitch_lengths.{name}" for name in ("compare", "labelled", "length_attribute", "said", "video_pitches")),
    "core.review.differences.frames_of",  # of disputes, which ask
    *(f"core.review.disputes.{name}" for name in ("annotator_columns", "consensus_counts")),
    "core.runs.predictions.column",
    *(f"core.runs.run_names.{name}" for name in ("owner", "short")),
    *(f"core.runs.run_parts.{name}" for name in ("frames_counted", "groups", "held_out", "is_unseen", "kind", "unseen")),
    *(f"core.runs.run_store.{name}" for name in ("best_tested", "damaged_runs", "get_run")),
    *(f"core.splits.leaks.{name}" for name in ("current_leaks", "leak_of", "leaks", "sentence")),
    "core.splits.extend_split.extend", "core.splits.shortages.shortages", "core.splits.stored_split.load",
    *(f"core.splits.make_split.{name}" for name in ("folds", "make_split", "split_by_video", "split_from_table")),
    "core.storage.database.data_version",
    "core.storage.identity.is_used",
    "core.training.create_run.parts",
    "core.training.readiness.readiness",
    *(f"core.workspace.{name}" for name in ("default_path", "exists", "open_workspace")),
}  # fmt: skip
"""Changes nothing, and shows of the answers no more than the consensus."""

PURE = (
    "core.access", "core.attributes", "core.clock", "core.commands", "core.database_urls", "core.errors", "core.files", "core.inspection",
    "core.label_formats", "core.lookup_tables", "core.measure", "core.media.images", "core.media.incoming_pictures", "core.names", "core.networks",
    "core.process_settings", "core.scratch", "core.serving", "core.text", "core.urls", "core.zips",
)  # fmt: skip
"""Packages and modules that know no class, or ask who acts themselves (`core.access`)."""

KNOWN = (
    {*WRITES_ANSWERS, *SHOWS_ANSWERS, *CHANGES_A_RUN}
    | SHOWS_LESS
    | ASKS_ITSELF
    | UPKEEP
    | ON_FILES_OF_THEIRS
    | EVERYBODY_SEES
)


def _metadata(case: Case) -> Path:
    """Write an answer in the format of another program."""
    file = case.table.with_name("metadata.jsonl")
    file.write_text(f'{{"file_name": "{VIDEO}_0.png", "spot": true}}\n', encoding="utf-8")
    return file


def _suggested(run: Run) -> pd.DataFrame:
    return pd.DataFrame({"index": range(12), **{name: np.full(12, 0.9) for name in run.attributes.names}})
