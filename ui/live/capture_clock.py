"""When the pictures of a browser's camera were taken, by the browser's clock.

WebRTC knows it: a picture has an RTP timestamp, which runs with the camera, and the browser reports about once a second which
RTP timestamp belongs to which time of its clock (RTCP sender report, RFC 3550, section 6.4.1). aiortc reads these reports and
gives only some of their numbers away, so its receiver and its track are followed here, in the whole server. Where a later
version of aiortc names things otherwise, nothing is known, and the page says less.
"""

from functools import cache, wraps
from typing import Any
from weakref import WeakKeyDictionary

import av
from aiortc import MediaStreamTrack, rtcrtpreceiver
from aiortc.rtp import RtcpSrPacket

RATE = 90_000
"""Of RTP timestamps of video, a second."""
FROM_NTP = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""

_reports: "WeakKeyDictionary[MediaStreamTrack, tuple[float, int]]" = WeakKeyDictionary()
"""Of a track seconds since 1970 by the browser's clock, and the RTP timestamp of that moment, counted as its frames are."""


def captured(frame: av.VideoFrame) -> float | None:
    """Return when a frame was taken, in seconds since 1970 by the browser's clock; none where that is not known."""
    at = frame.opaque
    return at if isinstance(at, float) else None


@cache
def follow_captures() -> None:
    """Let frames that browsers send know when they were taken, from now on; see `captured`."""
    receiver, track = rtcrtpreceiver.RTCRtpReceiver, rtcrtpreceiver.RemoteStreamTrack
    handle, receive = receiver._handle_rtcp_packet, track.recv

    @wraps(handle)
    async def handled(self: Any, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            _keep(self, packet)
        await handle(self, packet)

    @wraps(receive)
    async def received(self: Any) -> Any:
        frame = await receive(self)
        if isinstance(frame, av.VideoFrame) and (report := _reports.get(self)) and frame.pts is not None:
            frame.opaque = at_capture(frame.pts, *report)
        return frame

    receiver._handle_rtcp_packet = handled  # type: ignore[method-assign]
    track.recv = received  # type: ignore[method-assign]


def at_capture(pts: int, seconds: float, reported: int) -> float:
    """Return when a frame of RTP timestamp ``pts`` was taken, where that of ``seconds`` was ``reported``; they wrap at 32 bits."""
    ticks = (pts - reported) % 2**32
    return seconds + (ticks - 2**32 * (ticks >= 2**31)) / RATE


def _keep(receiver: Any, packet: RtcpSrPacket) -> None:
    origin = getattr(getattr(receiver, "_RTCRtpReceiver__timestamp_mapper", None), "_origin", None)
    if origin is None or receiver.track is None or receiver.track.kind != "video":
        return
    if packet.ssrc not in {source.source for source in receiver.getSynchronizationSources()}:
        return  # of the copies that are sent again
    ntp = packet.sender_info.ntp_timestamp
    seconds = (ntp >> 32) - FROM_NTP + (ntp & 0xFFFFFFFF) / 2**32
    _reports[receiver.track] = seconds, packet.sender_info.rtp_timestamp - origin
