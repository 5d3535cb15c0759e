"""What the package needs, read from requirements.txt, so that it stands in one place."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

TRAIN = ("tensorflow", "keras")
"""What only training, testing and watching need: the extra ``train`` (docs/decisions.md)."""


class Requirements(MetadataHookInterface):
    """Divides requirements.txt into what is always installed and the extra."""

    def update(self, metadata: dict) -> None:
        """Write the dependencies into the metadata of the package."""
        lines = (Path(self.root) / "requirements.txt").read_text("utf-8").splitlines()
        needed = [line for line in lines if line and not line.startswith("#")]
        train = [line for line in needed if line.partition(">")[0] in TRAIN]
        metadata["dependencies"] = [line for line in needed if line not in train]
        metadata["optional-dependencies"] = {"train": train}
