"""What the labelled frames of a split can teach: their parts, and the attributes and frames that count."""

from dataclasses import replace

from core.attributes import AttributeSet
from core.labels.label_table import LabelTable
from core.splits.split import Split


def divide(teaching: LabelTable, split: Split) -> tuple[LabelTable, list[str]]:
    """Give each labelled frame its part; frames labelled since the split follow their video.

    Returns:
        The frames that have one, with ``part``, and a note on the others.
    """
    part = teaching["name"].map(split.table.set_index("name")["part"])
    if split.by == "video":
        groups = split.table.drop_duplicates("video").set_index("video")["part"]
        part = part.fillna(teaching["video"].map(groups))
    absent = int(part.isna().sum())
    why = "they lie in its gaps or are newer" if split.by == "blocks" else "split again, or extend it"
    notes = [f"{absent} labelled frames are in no part of the split: {why}."] if absent else []
    return teaching.assign(part=part)[part.notna()].reset_index(drop=True), notes


def learnable_attributes(attributes: AttributeSet, frames: LabelTable) -> AttributeSet | None:
    """Return the attributes that have both answers in the training part of ``frames``, of classes at least two that are shown;
    none where there are none.
    """
    training = frames[frames["part"] == "train"]
    learned = tuple(a for a in attributes if training[a.name].nunique() > 1)
    if len(learned) < (2 if attributes.exclusive else 1):
        return None
    return (
        attributes if len(learned) == len(attributes) else replace(attributes, attributes=learned, rules=())
    )


def learnable_frames(frames: LabelTable, attributes: AttributeSet) -> LabelTable:
    """Return the frames that teach these attributes: with an answer, or of classes with one that is learned."""
    answers = frames[list(attributes.names)]
    teaches = answers.fillna(False) if attributes.exclusive else answers.notna()
    return frames[teaches.any(axis=1).to_numpy(bool)].reset_index(drop=True)
