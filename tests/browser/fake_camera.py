"""A file for Chromium's fake camera, and a look at the pixels of the page's video."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page

COLOURED = """(least) => {
    const video = document.querySelector("video");
    if (!video || !video.videoWidth) return false;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const width = canvas.width;
    const pixels = context.getImageData(0, 0, width, canvas.height).data;
    let coloured = 0;
    for (let i = 0; i < pixels.length; i += 4) {
        const [r, g, b] = [pixels[i], pixels[i + 1], pixels[i + 2]];
        if (Math.max(r, g, b) - Math.min(r, g, b) > 40) coloured += 1;
    }
    return coloured >= least * width * canvas.height;
}"""
"""Whether at least a share of the picture's pixels has a colour: of a grey camera only heatmaps
have."""


def write_y4m(path: Path, pictures: Iterable[np.ndarray], fps: int = 25) -> Path:
    """Write pictures, (H, W, 3) uint8 BGR of even sides, as a grey film that Chromium takes for a camera."""
    with path.open("wb") as file:
        for number, picture in enumerate(pictures):
            height, width = picture.shape[:2]
            if number == 0:
                file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
            planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
            planes[height:] = 128  # a black and white camera: every colour in the live picture is a heatmap's
            file.write(b"FRAME\n" + planes.tobytes())
    return path


def wait_for_overlay(page: Page, least: float = 0.005) -> None:
    """Wait until the processed video shows colour, read back through a canvas."""
    frame = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
    frame.wait_for_function(COLOURED, arg=least, polling=250)
