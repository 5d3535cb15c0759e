"""Inference for programs: the token, the same numbers as `explain`, and what is refused."""

import base64
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.__main__ import main
from core.access import clients, hashes
from core.access.attempts import Attempts
from core.access.person import NOBODY, OWNER, acting_as, recognise_by
from core.media.images import encode_jpeg
from core.runs.run import Run
from core.workspace import Workspace, open_workspace
from tests.helpers.waiting import until
from ui.server import gate, inference_api
from ui.server.routes import routes
from ui.shell import run_choice

PATH = "/api/v1/runs/latest/inspect"
JPEG = {"Content-Type": "image/jpeg"}
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture(scope="module")
def of_trained(trained: Run, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a trained run."""
    copied = tmp_path_factory.mktemp("inference") / "class"
    shutil.copytree(trained.workspace.path, copied)
    return open_workspace(copied)


@pytest.fixture
def workspace(of_trained: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(hashes, "N", 2)
    monkeypatch.setattr(inference_api, "_attempts", Attempts(clock=lambda: 0.0))
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(of_trained.path))
    yield of_trained
    (of_trained.path / clients.FILE).unlink(missing_ok=True)


@pytest.fixture
def token(workspace: Workspace) -> str:
    return clients.add(workspace.path, "press 3")


@pytest.fixture
def asked(client: TestClient, token: str) -> TestClient:
    """A program with a token."""
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def picture(workspace: Workspace) -> Path:
    """A frame with a spot."""
    return workspace.frames / "video_0" / "video_0_0.jpg"


def explained(
    workspace: Workspace, picture: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """Return what `explain` says of a picture, by attribute."""
    main(["--workspace", str(workspace.path), "explain", "latest", str(picture), "--out", str(out), "--json"])
    (entry,) = json.loads(capsys.readouterr().out)["pictures"].values()
    return entry["attributes"]


@pytest.mark.parametrize("size", [(32, 32), (97, 61)])
def test_the_numbers_are_those_of_explain(
    asked: TestClient,
    workspace: Workspace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    size: tuple[int, int],
) -> None:
    file = tmp_path / "noise.png"
    cv2.imwrite(str(file), np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8))
    told = asked.post(PATH, content=file.read_bytes(), headers={"Content-Type": "image/png"}).json()
    wanted = explained(workspace, file, tmp_path / "maps", capsys)
    assert {name: (each["probability"], each["decided"]) for name, each in told["attributes"].items()} == {
        name: (entry["probability"], entry["decided"]) for name, entry in wanted.items()
    }
    assert (told["width"], told["height"]) == size[::-1]


def test_a_form_and_a_body_are_answered_alike(asked: TestClient, picture: Path) -> None:
    content = picture.read_bytes()
    body = asked.post(PATH, content=content, headers=JPEG).json()
    form = asked.post(PATH, files={"picture": ("seam.jpg", content, "image/jpeg")}).json()
    assert body["attributes"] == form["attributes"]
    assert body["attributes"]["spot"]["decided"] is True
    assert "heatmap" not in body["attributes"]["spot"]


def test_a_heatmap_has_the_colour_of_its_attribute_and_the_evidence_as_alpha(
    asked: TestClient, workspace: Workspace, picture: Path
) -> None:
    told = asked.post(f"{PATH}?heatmaps=1", content=picture.read_bytes(), headers=JPEG).json()
    content = np.frombuffer(base64.b64decode(told["attributes"]["spot"]["heatmap"]), np.uint8)
    drawn = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    assert drawn.shape == (32, 32, 4)
    assert (drawn[0, 0, :3] == (0xDE, 0x6F, 0x2F)).all()  # #2f6fde
    assert drawn[..., 3].max() > 100 > drawn[..., 3].min()


def test_the_heatmap_of_a_large_picture_is_smaller_than_it(asked: TestClient) -> None:
    large = np.zeros((1000, 2560, 3), np.uint8)
    told = asked.post(f"{PATH}?heatmaps=true", content=encode_jpeg(large), headers=JPEG).json()
    content = np.frombuffer(base64.b64decode(told["attributes"]["spot"]["heatmap"]), np.uint8)
    assert cv2.imdecode(content, cv2.IMREAD_UNCHANGED).shape == (500, 1280, 4)
    assert (told["width"], told["height"]) == (2560, 1000)


def test_the_network_is_the_one_that_live_keeps(
    asked: TestClient, workspace: Workspace, picture: Path
) -> None:
    asked.post(PATH, content=picture.read_bytes(), headers=JPEG)
    run = Run(workspace, asked.post(PATH, content=picture.read_bytes(), headers=JPEG).json()["run"])
    assert run_choice.inspector(run) is run_choice.inspector(run)
    assert run_choice.live_inspector(run)[0]._explainer is run_choice.inspector(run)._explainer


def test_answers_are_those_of_the_document(asked: TestClient, picture: Path) -> None:
    document = asked.get("/api/v1/openapi.json").json()
    told = asked.post(f"{PATH}?heatmaps=1", content=picture.read_bytes(), headers=JPEG).json()
    jsonschema.validate(told, {"$ref": "#/components/schemas/PictureAnswer", **document})
    example = document["paths"]["/runs/{run}/inspect"]["post"]["responses"]["200"]["content"]
    jsonschema.validate(
        example["application/json"]["example"], {"$ref": "#/components/schemas/PictureAnswer", **document}
    )
    wrong = asked.post(PATH, content=b"x", headers=JPEG).json()
    jsonschema.validate(wrong, {"$ref": "#/components/schemas/Problem", **document})


def test_the_page_needs_nothing_from_elsewhere(asked: TestClient) -> None:
    page = asked.get("/api/v1/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text and 'src="http' not in page.text
    document = asked.get("/api/v1/openapi.json").json()
    schemas = document["components"]["schemas"]
    names = [*schemas["PictureAnswer"]["properties"], *schemas["AttributeAnswer"]["properties"], "/inspect"]
    assert [name for name in names if name not in page.text] == []


@pytest.mark.parametrize("path", [PATH, "/api/v1/docs", "/api/v1/openapi.json", "/api/v1/x"])
def test_without_a_client_there_is_nothing(client: TestClient, workspace: Workspace, path: str) -> None:
    answer = client.request("POST" if path == PATH else "GET", path, headers={"Authorization": "Bearer x"})
    assert (answer.status_code, "clients add" in answer.json()["error"]) == (404, True)


def refused(answer: Any, status: int, words: str) -> None:
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert words in answer.json()["error"]


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer ", "bearer"])
def test_who_brings_no_token_is_told_how(client: TestClient, token: str, header: str) -> None:
    answer = client.post(PATH, content=b"x", headers={**JPEG, "Authorization": header})
    refused(answer, 401, "Authorization: Bearer TOKEN")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_wrong_tokens_are_refused_and_slowed_and_a_right_one_that_was_used_is_not(
    client: TestClient, token: str, picture: Path
) -> None:
    right = {**JPEG, "Authorization": f"Bearer {token}"}
    assert client.post(PATH, content=picture.read_bytes(), headers=right).status_code == 200
    wrong = {**JPEG, "Authorization": f"Bearer {token[:-1]}{'a' if token[-1] != 'a' else 'b'}"}
    answers = [client.post(PATH, content=b"x", headers=wrong) for _ in range(25)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 5
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert client.post(PATH, content=picture.read_bytes(), headers=right).status_code == 200


def test_a_removed_client_is_refused_at_once(asked: TestClient, workspace: Workspace, picture: Path) -> None:
    clients.add(workspace.path, "other")
    assert asked.post(PATH, content=picture.read_bytes(), headers=JPEG).status_code == 200
    clients.remove(workspace.path, "press 3")
    refused(asked.post(PATH, content=picture.read_bytes(), headers=JPEG), 401, "was removed")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff cut off", b"GIF89a" + bytes(50)])
def test_what_is_no_picture_is_refused(asked: TestClient, content: bytes) -> None:
    assert asked.post(PATH, content=content, headers=JPEG).status_code == 415


def test_a_body_of_another_kind_is_refused_with_how_to_send_it(asked: TestClient, picture: Path) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}  # what curl says by itself
    refused(asked.post(PATH, content=picture.read_bytes(), headers=form), 415, "with its content type")


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 415), (b"--x\r\nnonsense", 415), (b"--x--\r\n", 415), (b"--y\r\n\r\n", 400)]
)
def test_a_form_without_a_file_is_refused(asked: TestClient, content: bytes, status: int) -> None:
    assert asked.post(PATH, content=content, headers=FORM).status_code == status


def test_two_files_in_a_form_are_refused(asked: TestClient, picture: Path) -> None:
    files = [("a", picture.read_bytes()), ("b", picture.read_bytes())]
    refused(asked.post(PATH, files=files), 400, "one file")


def test_more_bytes_than_a_picture_may_have_are_refused(asked: TestClient) -> None:
    def parts() -> Iterator[bytes]:  # of unknown length
        yield b"\xff\xd8\xff"
        yield from (bytes(2**20) for _ in range(17))

    refused(asked.post(PATH, content=parts(), headers=JPEG), 413, "16 MB")


def test_more_pixels_than_may_be_decoded_are_refused(asked: TestClient) -> None:
    bomb = cv2.imencode(".png", np.zeros((9000, 12000), np.uint8))[1].tobytes()
    refused(asked.post(PATH, content=bomb, headers={"Content-Type": "image/png"}), 413, "megapixels")


def test_an_unknown_run_is_not_found(asked: TestClient, picture: Path) -> None:
    path = "/api/v1/runs/nothing/inspect"
    refused(asked.post(path, content=picture.read_bytes(), headers=JPEG), 404, "no run")


def test_a_run_without_a_network_says_so(asked: TestClient, workspace: Workspace, picture: Path) -> None:
    run = next(iter(workspace.runs.iterdir())).name
    aside = workspace.path / "aside.keras"
    (workspace.runs / run / "model.keras").rename(aside)
    try:
        refused(asked.post(PATH, content=picture.read_bytes(), headers=JPEG), 409, "no network yet")
    finally:
        aside.rename(workspace.runs / run / "model.keras")


def test_a_switch_that_is_neither_on_nor_off_is_refused(asked: TestClient) -> None:
    refused(asked.post(f"{PATH}?heatmaps=maybe", content=b"x", headers=JPEG), 400, "heatmaps must be")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", PATH, 405), ("PUT", "/api/v1/docs", 405), ("GET", "/api/v1", 404), ("GET", "/api/v1/runs", 404)])  # fmt: skip
def test_other_methods_and_addresses_are_refused_in_the_same_form(
    asked: TestClient, method: str, path: str, status: int
) -> None:
    answer = asked.request(method, path)
    if path != "/api/v1":  # without a slash it is none of this interface's
        assert list(answer.json()) == ["error"]
    assert answer.status_code == status


def test_who_comes_while_all_places_are_taken_is_told_when_to_try_again(
    asked: TestClient, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, busy = threading.Event(), inference_api._inspected
    monkeypatch.setattr(inference_api, "_places", threading.BoundedSemaphore(2))
    monkeypatch.setattr(inference_api, "_inspected", lambda *given: go.wait(60) and busy(*given))
    answers: list[int] = []

    def ask() -> None:
        answers.append(asked.post(PATH, content=picture.read_bytes(), headers=JPEG).status_code)

    waiting = [threading.Thread(target=ask) for _ in range(2)]
    for each in waiting:
        each.start()
    until(lambda: inference_api._places._value == 0)
    answer = asked.post(PATH, content=picture.read_bytes(), headers=JPEG)
    go.set()
    for each in waiting:
        each.join()
    refused(answer, 503, "Too many pictures")
    assert (answer.headers["retry-after"], answers) == ("1", [200, 200])


def test_a_picture_that_does_not_come_in_is_given_up(
    asked: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import anyio

    async def never(*_: Any) -> bytes:
        await anyio.sleep_forever()
        return b""

    monkeypatch.setattr(inference_api, "READ_WITHIN", 0.01)
    monkeypatch.setattr(inference_api, "_picture", never)
    refused(asked.post(PATH, content=b"x", headers=JPEG), 408, "did not come in")
    assert inference_api._places._value == inference_api.PLACES


@pytest.fixture
def served(workspace: Workspace, token: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A class server."""
    monkeypatch.setenv(gate.ADDRESS, "https://localhost:8501")
    app = Starlette(routes=routes(), middleware=gate.gate())
    yield TestClient(app, base_url="https://localhost:8501", follow_redirects=False)
    recognise_by(lambda: OWNER)


def test_a_token_passes_the_gate_of_a_class_to_its_own_door_only(
    served: TestClient, token: str, picture: Path
) -> None:
    header = {**JPEG, "Authorization": f"Bearer {token}"}
    told = served.post(PATH, content=picture.read_bytes(), headers=header)
    assert told.status_code == 200, told.text
    assert served.get("/api/v1/docs", headers=header).status_code == 200
    for path in ("/api/videos?annotator=Ada", "/api/v1/../videos", "/api/v1/runs/a/b", "/", "/api/v1"):
        refused(served.get(path, headers=header), 401, gate.NOT_SIGNED_IN)


def test_on_a_class_server_nothing_is_answered_without_a_token_and_a_wrong_one_opens_no_page(
    served: TestClient,
) -> None:
    refused(served.post(PATH, content=b"x", headers=JPEG), 401, gate.NOT_SIGNED_IN)
    for path in ("/api/v1/docs", "/api/v1/openapi.json"):
        refused(served.get(path), 401, gate.NOT_SIGNED_IN)
        refused(served.get(path, headers={"Authorization": "Bearer x"}), 401, "token is wrong")


def test_nobody_makes_a_client_but_instructors(workspace: Workspace) -> None:
    with acting_as(NOBODY), pytest.raises(Exception, match="not signed in"):
        clients.add(workspace.path, "x")
