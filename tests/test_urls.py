import pytest

from core.urls import shown, without_user


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("rtsp://camera:554/stream", "rtsp://camera:554/stream"),
        ("rtsp://me:secret@camera/1", "rtsp://camera/1"),
        ("http://camera/1?token=secret#secret", "http://camera/1"),
        ("http://me:sec@ret@camera/1", "http://camera/1"),
        ("rtsp://me:sec/ret@camera/1", "rtsp://…"),
        ("rtsp://me:secret?1@camera/1", "rtsp://…"),
        ("http://me:secret@[camera/1", "http://…"),
    ],
)
def test_of_an_address_no_secret_is_shown(address, seen):
    assert shown(address) == seen


def test_user_and_password_become_a_header():
    assert without_user("http://me:a%40b@host:80/stop?x=1") == ("http://host:80/stop?x=1", "Basic bWU6YUBi")


def test_an_address_without_a_user_stays_as_it_is():
    assert without_user("http://host/stop") == ("http://host/stop", "")
