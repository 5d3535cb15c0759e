import asyncio
from fractions import Fraction

import av
import pytest
from aiortc import RTCPeerConnection, rtcrtpreceiver
from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket

from tests.helpers.in_loop import in_loop
from ui.live.capture_clock import FROM_NTP, at_capture, captured, follow_captures

SECONDS = 1_800_000_000.5
"""Since 1970, by a browser's clock."""


def test_a_timestamp_a_second_later_is_a_second_later() -> None:
    assert at_capture(190_000, SECONDS, 100_000) == pytest.approx(SECONDS + 1)


@pytest.mark.parametrize(("pts", "reported"), [(90_000 - 2**31, -(2**31)), (10, 2**32 - 89_990)])
def test_timestamps_wrap(pts: int, reported: int) -> None:
    assert at_capture(pts, SECONDS, reported) == pytest.approx(SECONDS + 1)


def test_a_picture_before_the_report_was_taken_before_it() -> None:
    assert at_capture(0, SECONDS, 90_000) == pytest.approx(SECONDS - 1)


def test_a_frame_that_nothing_is_known_of_says_nothing() -> None:
    assert captured(av.VideoFrame(16, 16)) is None


def test_a_frame_of_a_browser_knows_when_it_was_taken() -> None:
    follow_captures()

    async def received() -> float | None:
        connection = RTCPeerConnection()
        receiver = connection.addTransceiver("video").receiver
        track = receiver._track = rtcrtpreceiver.RemoteStreamTrack("video")
        receiver._RTCRtpReceiver__active_ssrc[1] = rtcrtpreceiver.clock.current_datetime()
        assert receiver._RTCRtpReceiver__timestamp_mapper.map(5_000) == 0  # of the first picture
        ntp = round((SECONDS + FROM_NTP) * 2**32)
        await receiver._handle_rtcp_packet(RtcpSrPacket(1, RtcpSenderInfo(ntp, 95_000, 0, 0)))
        frame = av.VideoFrame(16, 16)
        frame.pts, frame.time_base = 180_000, Fraction(1, 90_000)
        await track._queue.put(frame)
        came = await asyncio.wait_for(track.recv(), 10)
        await connection.close()
        return captured(came)

    assert in_loop(received()) == pytest.approx(SECONDS + 1, abs=0.001)
