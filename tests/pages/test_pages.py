"""What each page says of a small workspace."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.attributes import named
from core.labels.consensus import labels_of
from core.labels.labels import record
from core.workspace import open_workspace, set_note
from tests.helpers.page_files import PAGES
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace
from tests.pages.conftest import words

Visit = Callable[..., AppTest]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def words_of_html(app: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_a_labelled_workspace(visit: Visit, place: Path, page: str) -> None:
    small_workspace(place, videos=3)
    assert not visit(page, "Ada").exception


def test_home_counts_videos(visit: Visit, place: Path) -> None:
    small_workspace(place, videos=3)
    assert metrics(visit())["Videos"] == "3"


def test_home_leads_to_the_class_once_two_people_have_labelled(visit: Visit, place: Path) -> None:
    workspace = small_workspace(place)  # labelled by one
    is_link = "The class at a glance"
    assert not [button for button in visit().button if button.label.startswith(is_link)]
    record(workspace, "Ben", VIDEO, 0, 0, {"break": True})
    link = next(button for button in visit().button if button.label.startswith(is_link))
    assert "Whom to talk to?" in words(link.click().run())


def test_without_labels_home_leads_to_labelling(visit: Visit, place: Path) -> None:
    small_workspace(place, labelled=False)
    assert press(visit(), "Label 10 pictures").title[0].value == "Label"


def test_with_labels_home_leads_to_training(visit: Visit, place: Path) -> None:
    small_workspace(place, videos=3)
    assert press(visit(), "Train a network").title[0].value == "Train"


def test_the_note_of_the_workspace_is_on_every_page(visit: Visit, place: Path) -> None:
    set_note(small_workspace(place), "All is rendered.")
    assert "All is rendered." in words(visit("3_Balance.py"))


def test_labelling_asks_for_a_name_first(visit: Visit, place: Path) -> None:
    small_workspace(place, labelled=False)
    assert "What is your name?" in words(visit("2_Label.py"))


def test_the_name_that_was_asked_for_is_taken(visit: Visit, place: Path) -> None:
    small_workspace(place, labelled=False)
    app = visit("2_Label.py")
    app.text_input(key="name_asked").set_value("Ada").run()
    assert app.session_state["annotator"] == "Ada"


def test_quitting_the_labeller_leads_home_and_says_how_much_was_done(visit: Visit, place: Path) -> None:
    small_workspace(place, labelled=False)
    app = visit("2_Label.py", "Ada")
    app.session_state["labeller"] = {"quit": {"labelled": 3, "waiting": 0}}
    assert app.run().title[0].value == "SeamLens"
    assert "You labelled 3 pictures." in [toast.value for toast in app.toast]


def test_one_answer_for_a_whole_video(visit: Visit, place: Path) -> None:
    workspace = small_workspace(place, labelled=False)
    app = visit("1_Videos.py", "Ada")
    app.selectbox(key="whole_attribute").set_value("length").run()
    press(app, f"Set for all {FRAMES} frames")
    assert labels_of(workspace, "Ada", VIDEO)["length"].tolist() == [True] * FRAMES


def test_balance_names_an_attribute_without_a_label(visit: Visit, place: Path) -> None:
    workspace = small_workspace(place, labelled=False)
    record(workspace, "Ada", VIDEO, 0, 2, {"good": True})
    assert "good: only true so far" in words_of_html(visit("3_Balance.py"))


def test_balance_says_how_many_combinations_have_no_room(visit: Visit, place: Path) -> None:
    """Sixteen frames are labelled, each otherwise; fourteen combinations have room."""
    workspace = small_workspace(place, videos=3, labelled=False, attributes=named("abcdefgh"))
    for number in range(16):
        said = {name: bool(number >> place & 1) for place, name in enumerate("abcdefgh")}
        record(workspace, "Ada", f"seam_{'abc'[number // FRAMES]}", number % FRAMES, number % FRAMES, said)
    assert "2 rarer combinations (2 frames) are not shown." in words(visit("3_Balance.py"))


def test_balance_says_what_to_label_next(visit: Visit, place: Path) -> None:
    small_workspace(place, videos=2, labelled=False)
    record(open_workspace(place), "Ada", VIDEO, 0, 5, {"good": True})
    assert "Not labelled at all: seam_b." in words(visit("3_Balance.py"))


def test_a_random_split_is_warned_of(visit: Visit, place: Path) -> None:
    small_workspace(place, videos=3)
    app = visit("4_Train.py")
    app.segmented_control(key="split_way").set_value("random").run()
    assert "Neighbouring frames" in words(app)


def test_a_split_is_stored(visit: Visit, place: Path) -> None:
    workspace = small_workspace(place, videos=3)
    press(visit("4_Train.py"), "Make the split")
    assert workspace.split_file.is_file()


def test_the_name_stays_from_page_to_page(visit: Visit, place: Path) -> None:
    small_workspace(place, labelled=False)
    app = visit("2_Label.py")
    app.text_input(key="name_asked").set_value("Ada").run()
    app.switch_page("pages/3_Balance.py").run()
    assert app.sidebar.text_input[0].value == "Ada"
