"""Pictures on their way to the browser: always encoded here, small where small is enough."""

import base64
from pathlib import Path

import cv2
import numpy as np
import streamlit as st

from core.data.frames import read_picture


def jpeg(picture: np.ndarray, width: int | None = None, quality: int = 88) -> bytes:
    """Encode a picture, (H, W, 3) uint8 BGR, at most ``width`` pixels wide."""
    if width and picture.shape[1] > width:
        height = max(1, round(picture.shape[0] * width / picture.shape[1]))
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


@st.cache_data(max_entries=2000, show_spinner=False)
def thumbnail(file: Path, width: int = 160) -> str:
    """Return a small copy of a picture file as a data address, for tables and rows of pictures."""
    return data_address(jpeg(read_picture(file), width, 80))


def data_address(content: bytes) -> str:
    """Return a JPEG as an address that holds it whole."""
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()
