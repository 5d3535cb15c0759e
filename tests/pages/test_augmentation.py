"""What training does to the pictures, on the Train page."""

from tests.helpers import tiny_class
from tests.pages.conftest import words


def captions(app):
    return [caption.value for caption in app.caption if caption.value.startswith("video_")]


def test_the_train_page_shows_varied_frames_and_says_what_was_done(visit, place):
    tiny_class.make(place)
    app = visit("4_Train.py")
    assert "What training does to the pictures" in [box.label for box in app.expander]
    assert "70 % are made lighter or darker" in words(app)
    assert len(captions(app)) == 4


def test_again_shows_other_frames(visit, place):
    tiny_class.make(place)
    app = visit("4_Train.py")
    before = captions(app)
    next(button for button in app.button if button.label == "Again").click().run()
    assert captions(app) != before and len(captions(app)) == 4
