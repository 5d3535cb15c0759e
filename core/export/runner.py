"""Runs this network on a picture, a video or a camera, and prints a line of JSON per frame; README.md says more."""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).parent
CARD = json.loads((HERE / "card.json").read_text("utf-8")) if (HERE / "card.json").exists() else {}


def load():
    """Return a function from frames (N, h, w, 3) uint8 BGR to the outputs of the network, by name."""
    file = str(HERE / CARD["file"])
    if CARD["format"] == "onnx":
        import onnxruntime

        model = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        outputs = [each.name for each in model.get_outputs()]
        return lambda x: dict(zip(outputs, model.run(None, {"frames": x}), strict=True))
    if CARD["format"] == "openvino":
        import openvino

        model = openvino.Core().compile_model(file, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        return lambda x: {key.get_any_name(): np.array(value) for key, value in model([x]).items()}
    if CARD["format"] == "litert":
        from ai_edge_litert.interpreter import Interpreter

        model = Interpreter(model_path=file).get_signature_runner()
        return lambda x: model(frames=x)
    import keras

    model = keras.models.load_model(file, compile=False)
    return lambda x: {key: np.asarray(value) for key, value in model(x, training=False).items()}


def frames(source):
    """Yield pictures (H, W, 3) uint8 BGR."""
    if Path(source).is_file() and (picture := cv2.imread(source)) is not None:
        yield picture
        return
    video = cv2.VideoCapture(int(source) if source.isdigit() else source)
    if not video.isOpened():
        raise SystemExit(f"{source} is no picture, video, address or camera that can be opened.")
    while (read := video.read())[0]:
        yield read[1]


def seen(picture):
    """Return what of a picture the network sees, in pixels: left, top, right, bottom."""
    (height, width), (left, top, right, bottom) = picture.shape[:2], CARD["input"]["region"] or (0, 0, 1, 1)
    x, y = min(round(left * width), width - 1), min(round(top * height), height - 1)
    return x, y, max(x + 1, round(right * width)), max(y + 1, round(bottom * height))


def calibrated(p):
    """Return the probabilities that are shown and decided on."""
    temperatures = np.array([each["temperature"] for each in CARD["attributes"]])
    inside = np.clip(p.astype(float), 1e-6, 1 - 1e-6)
    yes = inside ** (1 / temperatures)
    no = yes.sum() - yes if CARD["exclusive"] else (1 - inside) ** (1 / temperatures)
    return np.where(temperatures == 1, p, yes / (yes + no))


def draw(picture, box, outputs, decided):
    """Draw what spoke for each decision, in the colour of its attribute."""
    x, y, right, bottom = box
    for i, each in enumerate(CARD["attributes"]):
        if "heatmaps" not in outputs or each["all_clear"] or not (decided[i] or each["false"]):
            continue
        evidence = outputs["heatmaps"][0, ..., i] * (1 if decided[i] else -1)
        full = each["full"][0 if decided[i] else 1] if each["full"] else max(evidence.max(), 1e-9)
        share = np.clip((evidence / full - 0.06) / 0.94, 0, 1).astype(np.float32)
        share = 0.6 * cv2.resize(share, (right - x, bottom - y))[..., None]
        colour = np.array([int(each["colour"][at : at + 2], 16) for at in (5, 3, 1)])
        picture[y:bottom, x:right] = (1 - share) * picture[y:bottom, x:right] + share * colour
    return picture


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="a picture, a video, an address or the number of a camera")
    parser.add_argument("--overlay", type=Path, help="folder for the frames with heatmaps")
    options, run = parser.parse_args(), load()
    names, thresholds = zip(*((a["name"], a["threshold"]) for a in CARD["attributes"]), strict=True)
    for index, picture in enumerate(frames(options.source)):
        left, top, right, bottom = box = seen(picture)
        part, size = picture[top:bottom, left:right], CARD["input"]["size"]
        outputs = run(cv2.resize(part, size, interpolation=cv2.INTER_AREA)[None])
        p = calibrated(outputs["probabilities"][0])
        decided = np.arange(len(p)) == p.argmax() if CARD["exclusive"] else p >= thresholds
        line = {"index": index, "probabilities": dict(zip(names, p.round(6).tolist(), strict=True))}
        print(json.dumps(line | {"decisions": dict(zip(names, decided.tolist(), strict=True))}), flush=True)
        if options.overlay:
            options.overlay.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(options.overlay / f"{index:06}.jpg"), draw(picture, box, outputs, decided))
