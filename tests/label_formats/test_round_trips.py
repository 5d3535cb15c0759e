"""What a format holds of labels is the same after writing and reading."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.label_formats.records import Labels, PictureLabels
from core.label_formats.registry import FORMATS, held
from tests.helpers.tiny_videos import save, textured
from tests.label_formats.frames import SIZE, film, said

ATTRIBUTES = ("good", "error", "no", "Riß (2 mm)", "true")
FILMS = (
    film("seam_01", (0, 1, 2, 3, 4, 5)),
    film("Naht, 2", (0, 10, 20, 40)),
    film("shots", (0, 1, 2), is_timed=False),
)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    left, top = draw(st.integers(0, SIZE[0] - 2)), draw(st.integers(0, SIZE[1] - 2))
    return left, top, draw(st.integers(left + 1, SIZE[0] - 1)), draw(st.integers(top + 1, SIZE[1]))


@st.composite
def some_labels(draw: st.DrawFn) -> Labels:
    attributes = draw(st.sampled_from([ATTRIBUTES[:1], ATTRIBUTES[:3], ATTRIBUTES]))
    pictures = []
    for of in FILMS:
        for index, time in zip(of.indexes, of.times, strict=True):
            given = draw(st.dictionaries(st.sampled_from(attributes), st.booleans()))
            if given:
                drawn = draw(
                    st.dictionaries(
                        st.sampled_from(attributes),
                        st.lists(boxes(), min_size=1, max_size=2).map(tuple),
                        max_size=1,
                    )
                )
                part = draw(st.sampled_from(["", "train", "valid", "test"]))
                pictures.append(
                    PictureLabels(f"{of.name}_{index}.png", given, drawn, of.name, index, time, SIZE, part)
                )
    return Labels(attributes, tuple(pictures), films={of.name: of for of in FILMS})


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(labels=some_labels())
def test_what_a_format_holds_comes_back(name: str, labels: Labels) -> None:
    format = FORMATS[name]
    kept = held(labels, format)
    if not kept.pictures:
        return
    with TemporaryDirectory() as folder:
        format.write(kept, Path(folder))
        if name == "yolo":  # the pictures are the labels
            for picture in kept.pictures:
                save(Path(folder) / format.place(picture), textured(1, *reversed(SIZE)))
        read = format.read(Path(folder))
    expected = said(kept)
    assert {name: (dict(answers), boxes) for name, (answers, boxes) in said(read, *FILMS).items()} == expected


@pytest.mark.parametrize("name", [name for name, format in FORMATS.items() if not format.absent_is_false])
def test_attributes_that_nobody_answered_are_known_in_their_order(name: str, tmp_path: Path) -> None:
    if name in ("boris", "label-studio", "label-studio-video"):
        pytest.skip("its files name only what was answered")
    picture = PictureLabels("seam_01_0.png", {"error": True}, video="seam_01", index=0, time=0.0, size=SIZE)
    labels = Labels(("good", "error", "break"), (picture,), films={"seam_01": film()})
    FORMATS[name].write(labels, tmp_path)
    assert FORMATS[name].read(tmp_path).attributes == ("good", "error", "break")


def test_a_frame_that_nobody_labelled_is_in_no_stretch(tmp_path: Path) -> None:
    of = film("seam_01", (0, 1, 2))
    pictures = [
        PictureLabels("", {"error": True}, video="seam_01", index=index, time=index / 25) for index in (0, 2)
    ]
    labels = Labels(("error",), tuple(pictures), films={"seam_01": of})
    for name in ("boris", "label-studio-video", "cvat-video"):
        folder = tmp_path / name
        folder.mkdir()
        FORMATS[name].write(labels, folder)
        assert set(said(FORMATS[name].read(folder), of)) == {"seam_01_0", "seam_01_2"}
