"""The journal of an addition: which files come and go, so that they do so whole or not at all whenever the process dies.

An addition prepares its files in a stage folder of the workspace: ``new/`` is laid out like the workspace, ``old/`` keeps what
a file takes the place of, ``journal.json`` says what moves. Every step can be repeated.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from core.errors import WorkspaceError
from core.files import remove, replacing, sync_folder, sync_tree

FILE = "journal.json"


@dataclass(frozen=True)
class Journal:
    """What an addition moves. Paths are relative to the workspace, with ``/``.

    Args:
        stage: the stage folder.
        moves: files and folders that move from ``new/`` into the workspace.
        replaced: those of them that take the place of a file.
        removed: files that go as soon as the new ones are certain.
    """

    stage: Path
    moves: tuple[str, ...]
    replaced: tuple[str, ...]
    removed: tuple[str, ...]

    @classmethod
    def plan(cls, stage: Path, put_aside: Iterable[Path]) -> Self:
        """Return the journal of what lies in a stage folder; what was put aside goes, unless it is replaced.

        Raises:
            FileExistsError: a folder has the name of a new file, or a file that of a new folder.
        """
        moves = tuple(_moves(stage / "new", stage.parent, ""))
        gone = (file for path in put_aside for file in ([path] if path.is_file() else path.rglob("*")))
        names = (file.relative_to(stage.parent).as_posix() for file in gone if file.is_file())
        replaced = tuple(path for path in moves if (stage.parent / path).is_file())
        return cls(stage, moves, replaced, tuple(sorted(set(names) - set(replaced))))

    @classmethod
    def read(cls, stage: Path) -> Self | None:
        """Return the journal in a stage folder, or None where the addition had not come that far.

        Raises:
            WorkspaceError: it is damaged.
        """
        file = stage / FILE
        try:
            lists = json.loads(file.read_text(encoding="utf-8"))
            return cls(stage, *(tuple(map(str, lists[name])) for name in ("moves", "replaced", "removed")))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise WorkspaceError(
                f"{file}, the journal of an addition that was cut off, is damaged.",
                f"Copy what you need from {stage}, then delete that folder.",
            ) from error

    @property
    def token(self) -> str:
        """What the database calls this addition."""
        return self.stage.name

    @property
    def is_empty(self) -> bool:
        return not (self.moves or self.removed)

    def write(self) -> None:
        """Put the new files and then this journal on the disk; nothing has moved yet."""
        (new := self.stage / "new").mkdir(parents=True, exist_ok=True)
        sync_tree(new)
        content = {name: value for name, value in asdict(self).items() if name != "stage"}
        with replacing(self.stage / FILE) as partial:
            partial.write_text(json.dumps(content), encoding="utf-8")
        sync_folder(self.stage.parent)

    def land(self) -> None:
        """Move the new files into the workspace; what they replace is kept. All of it is on the disk afterwards."""
        for path in self.replaced:
            _keep(self.stage.parent / path, self.stage / "old" / path)
        if self.replaced:
            sync_tree(self.stage / "old")
            sync_folder(self.stage)
        self._move()

    def undo(self) -> None:
        """Bring the workspace back to what it was, however much has landed or was undone before."""
        for path in self.moves:
            if not (self.stage / "new" / path).exists():  # it has landed
                if path not in set(self.replaced):
                    remove(self.stage.parent / path)
                elif (old := self.stage / "old" / path).exists():
                    _rename(old, self.stage.parent / path)
        self._sync(self.moves)

    def finish(self) -> None:
        """Move what has not landed yet, and remove what was put aside."""
        self._move()
        for path in self.removed:
            remove(self.stage.parent / path)
        self._sync(self.removed)

    def clear(self) -> None:
        """Remove the stage folder; first the journal, so that what is left is never taken for an addition."""
        (self.stage / FILE).unlink(missing_ok=True)
        sync_folder(self.stage)
        shutil.rmtree(self.stage, ignore_errors=True)

    def _move(self) -> None:
        for path in self.moves:
            if (new := self.stage / "new" / path).exists():
                _rename(new, self.stage.parent / path)
        self._sync(self.moves)

    def _sync(self, paths: Iterable[str]) -> None:
        for folder in {(self.stage.parent / path).parent for path in paths}:
            if folder.is_dir():
                sync_folder(folder)


def _moves(source: Path, target: Path, path: str) -> Iterator[str]:
    """Yield what moves: folders that are new whole, otherwise the files in them."""
    if not source.exists():
        return
    if source.is_dir() and target.is_dir():
        for child in sorted(source.iterdir()):
            yield from _moves(child, target / child.name, f"{path}{child.name}/")
    elif target.exists() and (source.is_dir() or target.is_dir()):
        raise FileExistsError(errno.EEXIST, "Something else has this name", str(target))
    else:
        yield path.removesuffix("/")


def _keep(path: Path, kept: Path) -> None:
    """Give a file a second name, so that its place is never empty; where there are no links, copy it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)


def _rename(source: Path, target: Path) -> None:
    """Move a file or folder, also onto a file, and also where the target lies on another disk."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with replacing(target) as partial:
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, partial)
        remove(source)
