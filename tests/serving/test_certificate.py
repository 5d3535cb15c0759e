"""The certificate of a class server: made once, and anew where it no longer fits."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from core.errors import ServerError
from core.serving import certificate
from core.serving.certificate import local_certificate, own_certificate

HOSTS = ["10.0.0.5", "laptop.local", "localhost"]


@pytest.fixture(autouse=True)
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    return tmp_path / "private"


def test_it_is_for_all_names_and_addresses_and_stays_the_same() -> None:
    first = local_certificate(HOSTS)
    content = first.file.read_bytes()
    again = local_certificate(HOSTS[:2])  # fewer than before: browsers that trust it need not be asked again
    assert set(again.hosts) == set(HOSTS)
    assert again.file.read_bytes() == content


def test_it_is_made_anew_after_the_network_has_changed() -> None:
    before = local_certificate(HOSTS).file.read_bytes()
    after = local_certificate(["192.168.7.2", *HOSTS[1:]])
    assert "192.168.7.2" in after.hosts and after.file.read_bytes() != before


def test_it_is_made_anew_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "LASTS", timedelta(days=6))
    before = local_certificate(HOSTS).file.read_bytes()
    monkeypatch.setattr(certificate, "LASTS", timedelta(days=300))
    assert local_certificate(HOSTS).file.read_bytes() != before


@pytest.mark.parametrize("name", ["certificate.pem", "certificate-key.pem"])
def test_it_is_made_anew_where_a_file_is_damaged(private: Path, name: str) -> None:
    local_certificate(HOSTS)
    (private / name).write_text("damaged")
    own_certificate(local_certificate(HOSTS).file, private / "certificate-key.pem")


def test_it_lasts_no_longer_than_browsers_accept() -> None:
    with pytest.raises(ServerError, match="ended"):
        made = local_certificate(HOSTS)
        own_certificate(made.file, made.key, at=datetime.now(UTC) + timedelta(days=398))


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folders of a user from others by other means")
def test_only_its_owner_reads_the_key() -> None:
    assert stat.S_IMODE(local_certificate(HOSTS).key.stat().st_mode) == 0o600


def own(folder: Path, ends: datetime | None = None, password: bytes | None = None) -> tuple[Path, Path]:
    """Write a certificate of a school, and its key."""
    made = trustme.CA().issue_cert("class.school.edu", not_after=ends)
    file, key = folder / "school.pem", folder / "school.key"
    made.cert_chain_pems[0].write_to_path(file)
    made.private_key_pem.write_to_path(key)
    if password:
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        locked = serialization.BestAvailableEncryption(password)
        key.write_bytes(
            loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
        )
    return file, key


def test_a_certificate_of_the_school_is_used(tmp_path: Path) -> None:
    assert own_certificate(*own(tmp_path)).hosts == ("class.school.edu",)


def test_one_that_has_ended_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="ended on 01 Jan 2021"):
        own_certificate(*own(tmp_path, datetime(2021, 1, 1, tzinfo=UTC)))


def test_a_key_with_a_password_is_refused_without_a_question(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="a password"):
        own_certificate(*own(tmp_path, password=b"secret"))


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    file, (_, key) = own(tmp_path)[0], own(tmp_path / "other")
    with pytest.raises(ServerError, match="not a certificate and its key"):
        own_certificate(file, key)
