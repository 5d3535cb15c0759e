"""The export on the Test page."""

import zipfile

from core.evaluation import evaluate
from tests.pages.conftest import words
from tests.pages.test_testing import networks_of_tests, press, untested  # noqa: F401  (fixtures are shared)


def opened(visit, untested, name):  # noqa: F811
    evaluate.test(untested)
    app = visit("5_Test.py")
    app.session_state["test_tabs"], app.session_state["test_more"] = "More", "Export"
    app.session_state["export_format"] = name
    return app.run()


def test_a_network_is_exported_by_a_job_and_offered(visit, untested):  # noqa: F811
    app = press(opened(visit, untested, "keras"), "Export")
    assert "0 of 36 decisions changed" in words(app)
    [file] = untested.workspace.path.glob(".export-*/*.zip")
    assert "card.json" in zipfile.ZipFile(file).namelist()
    assert any(file.name in link.proto.label for link in app.get("link_button"))


def test_a_missing_package_is_named(visit, untested, monkeypatch):  # noqa: F811
    app = opened(visit, untested, "openvino")
    monkeypatch.setattr("core.export.formats.find_spec", lambda module: None if module == "openvino" else 1)
    app = press(app, "Export")
    assert "pip install openvino" in words(app)


def test_keras_offers_no_int8(visit, untested):  # noqa: F811
    assert opened(visit, untested, "keras").toggle(key="export_int8").disabled
