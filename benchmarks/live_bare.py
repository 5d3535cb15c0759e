"""A bare page of streamlit-webrtc that only sends the pictures of the camera back: what `benchmarks.live` compares with."""

from streamlit_webrtc import WebRtcMode, webrtc_streamer

webrtc_streamer(
    key="bare",
    mode=WebRtcMode.SENDRECV,
    rtc_configuration={"iceServers": []},
    media_stream_constraints={"video": {"width": {"ideal": 640}, "height": {"ideal": 480}}, "audio": False},
)
