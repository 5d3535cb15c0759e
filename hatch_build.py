"""What the package needs, read from the files of requirements, so that it stands in one place."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

TRAIN = ("tensorflow", "keras")
"""What only training, testing and watching need: the extra ``train`` (docs/decisions.md)."""

EXTRAS = ("cluster", "export", "line", "postgres")
"""Extras with a file of their own, ``requirements-<extra>.txt``."""


class Requirements(MetadataHookInterface):
    """Divides requirements.txt into what is always installed and the extra ``train``, and reads the other extras."""

    def update(self, metadata: dict) -> None:
        """Write the dependencies into the metadata of the package."""
        needed = self._lines("requirements.txt")
        train = [line for line in needed if line.partition(">")[0] in TRAIN]
        metadata["dependencies"] = [line for line in needed if line not in train]
        others = {extra: self._lines(f"requirements-{extra}.txt") for extra in EXTRAS}
        metadata["optional-dependencies"] = {"train": train, **others}

    def _lines(self, name: str) -> list[str]:
        lines = (Path(self.root) / name).read_text("utf-8").splitlines()
        return [line for line in lines if line and not line.startswith("#")]
