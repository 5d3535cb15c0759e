"""Commands that look over labels: agreement, disputes and their adjudication, contradictions."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from core import workspace
from core.attributes import Answer
from core.commands import options
from core.commands.options import add_json, print_json, print_table
from core.errors import LabelError
from core.files import natural
from core.labels.stretches import numbered, places
from core.media.library import frame_table, get_video
from core.review import agreement, bootstrap, disputes
from core.review.agreement import AttributeAgreement
from core.review.contradictions import contradictions
from core.review.gold import check_instructor
from core.text import percent

MEANING = (
    "Alpha is 1 where annotators always agree, and 0 where they agree no more than chance would: from "
    f"{agreement.RELIABLE} on labels are\nreliable, from {agreement.TENTATIVE} on they bear tentative conclusions (Krippendorff, Content Analysis, 2nd edition 2004, p. 241)."
)
PAIRS = (
    "With more than two annotators, kappa (Cohen) is the mean over the pairs where it is defined, each weighted by its\n"
    "common frames."
)
ANSWERS: dict[str, Answer] = {"true": True, "false": False, "unset": None}
SAID = {True: "true", False: "false"}


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser; ``labels adjudicate`` comes with `add_adjudicate`."""
    command = commands.add_parser("agreement", help="how far annotators agree, beyond chance")
    command.add_argument("--attribute", metavar="A", help="only this one, and every two annotators")
    add_json(command)
    command.set_defaults(run=show_agreement)

    command = commands.add_parser("disputes", help="list the frames that wait for an adjudication")
    command.add_argument("--attribute", metavar="A", help="only this one")
    add_json(command)
    command.set_defaults(run=show_disputes)

    command = commands.add_parser("contradictions", help="list the frames whose labels break a rule")
    add_json(command)
    command.set_defaults(run=show_contradictions)


def add_adjudicate(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``adjudicate`` to the actions of ``labels``."""
    command = actions.add_parser("adjudicate", help="decide where annotators differ")
    command.add_argument("video")
    command.add_argument("answer", metavar="ATTRIBUTE=true|false|unset", help="unset withdraws the decision")
    command.add_argument("--first", type=options.natural, default=0, help="first frame (default: 0)")
    command.add_argument("--last", type=options.natural, help="last frame (default: the end)")
    command.add_argument("--author", required=True, metavar="NAME", help="who decides")
    command.set_defaults(run=adjudicate)


def read_answer(text: str) -> tuple[str, Answer]:
    """Read ``ATTRIBUTE=true``, ``=false`` or ``=unset``.

    Raises:
        LabelError: it is none of these.
    """
    name, _, value = text.rpartition("=")
    if not name or value.lower() not in ANSWERS:
        raise LabelError("ATTRIBUTE=true, =false or =unset", repr(text), "For example: length=true")
    return name, ANSWERS[value.lower()]


def show_agreement(choice: argparse.Namespace) -> None:
    """Measure how far annotators agree."""
    opened = workspace.open_workspace(choice.workspace)
    found = agreement.agreement(opened, choice.attribute)
    if not any(one.items for one in found.attributes.values()):
        raise _nothing_to_compare(found.attributes)
    sources = disputes.consensus_counts(opened)
    if choice.json:
        print_json({name: {**one, "consensus": sources[name]} for name, one in found.to_json().items()})
        return
    _print_coefficients(found.attributes)
    if choice.attribute:
        _print_pairs(found.attributes[choice.attribute])
    print("\nWhere the consensus comes from, in frames:")
    print_table(
        ("attribute", *disputes.KINDS), [(name, *sources[name].values()) for name in found.attributes]
    )


def _print_coefficients(found: dict[str, AttributeAgreement]) -> None:
    heads = ("attribute", "alpha", "95 % interval", "kappa", "Fleiss", "equal", "frames", "annotators")
    print_table(
        (*heads, "disputed", "at an edge"), [_agreement_row(name, one) for name, one in found.items()]
    )
    print(MEANING)
    print(PAIRS)
    for resampled, drawn in bootstrap.DRAWN.items():
        names = [name for name, one in found.items() if one.resampled == resampled and one.alpha.interval]
        if names:
            print(f"Interval of {', '.join(names)}: {bootstrap.ROUNDS} draws of {drawn}.")
    for name, one in found.items():
        for reason, of in one.missing.items():
            print(f"{name} ({', '.join(of)}): {reason}")


def _agreement_row(name: str, found: AttributeAgreement) -> tuple[object, ...]:
    interval = found.alpha.interval
    return (
        name,
        _rounded(found.alpha.value),
        "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}",
        _rounded(found.kappa.value),
        _rounded(found.fleiss.value),
        "-" if found.equal is None else percent(found.equal, 1),
        found.items,
        len(found.annotators),
        len(found.disputed),
        found.edges,
    )


def _rounded(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _print_pairs(found: AttributeAgreement) -> None:
    rows = [(f"{pair.first}, {pair.second}", _rounded(pair.kappa), pair.frames) for pair in found.pairs]
    print()
    print_table(("pair", "kappa", "common frames"), rows)
    if len(found.pairs) > 1:
        print()
        means = found.with_others.items()
        print_table(
            ("annotator", "kappa with the others"), [(name, _rounded(kappa)) for name, kappa in means]
        )


def _nothing_to_compare(found: dict[str, AttributeAgreement]) -> LabelError:
    people = sorted({name for one in found.values() for name in one.annotators}, key=natural)
    received = {0: "no label", 1: f"labels of {', '.join(people)} alone"}
    return LabelError(
        "frames that at least two annotators have labelled",
        received.get(len(people), f"labels of different frames, by {', '.join(people)}"),
        "Let two annotators label the same video.",
    )


def show_disputes(choice: argparse.Namespace) -> None:
    """List the frames that wait for an adjudication."""
    opened = workspace.open_workspace(choice.workspace)
    found = disputes.disputes(opened, choice.attribute)
    people = disputes.annotator_columns(found)
    fixed = ["name", "video", "index", "attribute", "edge"]
    if choice.json:
        said = found[people].astype(object).where(found[people].notna(), None).to_dict("records")
        print_json(
            [{**one, "answers": a} for one, a in zip(found[fixed].to_dict("records"), said, strict=True)]
        )
        return
    print(f"{len(found)} labels wait for an adjudication, {int(found['edge'].sum())} of them at an edge.")
    found = found.sort_values(["edge", "attribute"], kind="stable")
    rows = [
        (video, stretch, one.attribute, "edge" if one.edge else "real", _answers(one, people))
        for video, stretch, one in stretches(opened, found, ["attribute", "edge", *people])
    ]
    if rows:
        print_table(("video", "frames", "attribute", "kind", "answers"), rows)


def _answers(row: Any, people: Sequence[str]) -> str:
    return ", ".join(f"{name}={SAID[bool(row[name])]}" for name in people if row[name] is not pd.NA)


def show_contradictions(choice: argparse.Namespace) -> None:
    """List the frames whose labels break a rule."""
    opened = workspace.open_workspace(choice.workspace)
    found = contradictions(opened)
    if choice.json:
        print_json(found.to_dict("records"))
        return
    print(f"{len(found)} times a rule of the attributes is broken.")
    rows = [
        (video, where, one.annotator, one.rule)
        for video, where, one in stretches(opened, found, ["annotator", "rule"])
    ]
    if rows:
        print_table(("video", "frames", "labels of", "rule"), rows)


def stretches(
    opened: workspace.Workspace, table: pd.DataFrame, same: Sequence[str]
) -> Iterator[tuple[str, str, Any]]:
    """Join rows of neighbouring frames with the same values in the columns ``same``.

    Yields:
        The video, the frames in words, and the first row.
    """
    for _, part in table.groupby(numbered(table, same, places(opened))):
        first, last = part["index"].iloc[[0, -1]]
        yield part["video"].iloc[0], f"{first}" if first == last else f"{first} to {last}", part.iloc[0]


def adjudicate(choice: argparse.Namespace) -> None:
    """Decide about a stretch of frames."""
    opened = workspace.open_workspace(choice.workspace)
    video = get_video(opened, choice.video).key
    attribute, value = read_answer(choice.answer)
    check_instructor(opened, choice.author)
    last = _last(opened, video, choice)
    disputes.adjudicate(opened, choice.author, video, choice.first, last, attribute, value)
    said = "unset" if value is None else SAID[value]
    print(f"Adjudicated {video}, frames {choice.first} to {last}: {attribute} is {said}.")


def _last(opened: workspace.Workspace, video: str, choice: argparse.Namespace) -> int:
    """Return the last frame of a stretch that may be said to go on beyond the end."""
    end = int(frame_table(opened, video)["index"].max())
    if choice.first > end:
        raise LabelError(
            f"a first frame from 0 to {end} of {video}",
            f"{choice.first}",
            "Only frames that were stored have labels.",
        )
    return end if choice.last is None else min(choice.last, end)
