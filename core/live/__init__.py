"""Sources of live pictures, the camera feed, playback, recording, `watch`, and the waiting line."""
