"""Which attributes of a workspace the attributes in files of labels are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import LabelError
from core.exchange.store_pictures import is_blank
from core.label_formats.records import Labels
from core.lookup_tables.column_meanings import TableOptions
from core.text import listed
from core.workspace import Workspace


def takes_others(workspace: Workspace, files: Iterable[Labels], options: TableOptions) -> bool:
    """Return whether files bring the attributes of a workspace that nobody has begun, as a page makes it."""
    if not is_blank(workspace):
        return False
    here = {name.casefold() for name in workspace.attributes.names}
    names = options.attributes or [name for labels in files for name in labels.attributes]
    return not {name.casefold() for name in names} <= here


def taken_attributes(
    files: Mapping[Path, Labels], workspace: Workspace | None, options: TableOptions
) -> dict[str, str]:
    """Return the attribute of the workspace for each of the files that is taken.

    Raises:
        LabelError: the files have answers for others, or somebody wants some that they do not have.
    """
    where = listed([path.name for path in files], most=2)
    attributes = list(dict.fromkeys(name for labels in files.values() for name in labels.attributes))
    answered = {name for labels in files.values() for name in labels.answered()}
    wanted = None if options.attributes is None else {name.casefold() for name in options.attributes}
    if wanted is not None and (absent := wanted - {name.casefold() for name in attributes}):
        raise LabelError(
            f"There is no {listed(sorted(absent), word='or')} in {where}, but {listed(attributes) or 'no attribute'}.",
            "Check --attributes.",
        )
    taken = [name for name in attributes if wanted is None or name.casefold() in wanted]
    if workspace is None:
        return {name: name for name in taken}
    here = {name.casefold(): name for name in workspace.attributes.names}
    both = [name for name in taken if name.casefold() in here]
    if not both or any(name.casefold() not in here for name in taken if name in answered):
        known = [name for name in attributes if name in answered] or attributes
        raise _lacking(where, known, workspace, both)
    return {name: here[name.casefold()] for name in both}


def _lacking(where: str, known: Sequence[str], workspace: Workspace, both: Sequence[str]) -> LabelError:
    """Return the error that files have attributes which the workspace does not have: both lists."""
    advice = (
        f"To import only {listed(both)}, say --attributes {','.join(both)}; or add the others to workspace.toml."
        if both
        else "Rename them in one of the two, or use another workspace."
    )
    here = listed(workspace.attributes.names)
    return LabelError(
        f"The attributes of {where} are {listed(known) or 'none'}, those of this workspace {here}.", advice
    )


def with_attributes(labels: Labels, names: Mapping[str, str]) -> Labels:
    """Return labels under the names of the workspace, without others."""
    pictures = (
        replace(
            picture,
            answers={names[name]: value for name, value in picture.answers.items() if name in names},
            boxes={names[name]: boxes for name, boxes in picture.boxes.items() if name in names},
        )
        for picture in labels.pictures
    )
    stretches = (
        replace(each, attribute=names[each.attribute]) for each in labels.stretches if each.attribute in names
    )
    return replace(
        labels, attributes=tuple(names.values()), pictures=tuple(pictures), stretches=tuple(stretches)
    )
