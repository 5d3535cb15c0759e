"""What the package needs, read from requirements.txt, so that it stands in one place."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

TRAIN = ("tensorflow", "keras")
"""What only training, testing and watching need: the extra ``train`` (docs/decisions.md)."""


class Requirements(MetadataHookInterface):
    """Divides requirements.txt into what is always installed and extras; requirements-cluster.txt is one of its own."""

    def update(self, metadata: dict) -> None:
        """Write the dependencies into the metadata of the package."""
        needed = _needs(self.root, "requirements.txt")
        train = [line for line in needed if line.partition(">")[0] in TRAIN]
        metadata["dependencies"] = [line for line in needed if line not in train]
        cluster = _needs(self.root, "requirements-cluster.txt")
        metadata["optional-dependencies"] = {"train": train, "cluster": cluster}


def _needs(root: str, name: str) -> list[str]:
    lines = (Path(root) / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
