"""Networks in files: what is damaged is said, and is no traceback."""

import shutil
import zipfile

import pytest

from core.errors import ModelError, RunError
from core.networks import keras_file_size
from core.networks.keras_file import load_network
from core.runs.run import Run
from core.workspace import open_workspace


def scratched(file, to):
    """Copy ``file`` with some bytes of its weights turned into zeros, as a bad disk leaves it."""
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    to.write_bytes(content)


def without(file, member, to):
    """Copy ``file`` without one of its members."""
    with zipfile.ZipFile(file) as kept, zipfile.ZipFile(to, "w") as copied:
        for name in kept.namelist():
            if name != member:
                copied.writestr(name, kept.read(name))


DAMAGES = {
    "scratched": scratched,
    "no config": lambda file, to: without(file, "config.json", to),
    "no weights": lambda file, to: without(file, "model.weights.h5", to),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused(trained, tmp_path, damage):
    DAMAGES[damage](trained.model_file, tmp_path / "net.keras")
    with pytest.raises(ModelError, match=r"Keras cannot read .*net\.keras"):
        load_network(tmp_path / "net.keras")


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_damaged_network_of_a_run_is_named(trained, tmp_path, damage):
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    run = Run(open_workspace(tmp_path / "class"), trained.id)
    DAMAGES[damage](trained.model_file, run.model_file)
    with pytest.raises(RunError, match=f"model.keras of {run.id} cannot be read"):
        run.load_model()


def swollen(to, **settings):
    """Save a network whose description asks for more than its weights hold."""
    from core.networks.backend import keras

    layers = [
        keras.Input((8, 8, 3)),
        keras.layers.UpSampling2D(2),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(4),
    ]
    keras.Sequential(layers).save(to.with_name("small.keras"))
    with zipfile.ZipFile(to.with_name("small.keras")) as small, zipfile.ZipFile(to, "w") as large:
        for name in small.namelist():
            content = small.read(name)
            if name == "config.json":
                for word, (before, after) in settings.items():
                    content = content.replace(f'"{word}": {before}'.encode(), f'"{word}": {after}'.encode())
            large.writestr(name, content)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"units": ("4", "1000000000")}, "has 4,000,000,000 parameters"),
        ({"size": ("[2, 2]", "[20000, 20000]")}, "gives 76,800,000,000 values in the layer"),
    ],
)
def test_a_network_of_absurd_size_is_refused_before_it_is_made(tmp_path, settings, says):
    swollen(tmp_path / "net.keras", **settings)
    with pytest.raises(ModelError, match=says):
        load_network(tmp_path / "net.keras")


def test_a_file_of_absurd_size_is_refused(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(keras_file_size, "MOST_BYTES", 1000)
    with pytest.raises(ModelError, match="would unpack to"):
        load_network(trained.model_file)
