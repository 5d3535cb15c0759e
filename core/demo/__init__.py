"""The demo class: rendered seam videos with a known truth, so that everyone can try everything at once.

    plans = video_plan(seed=1)               what is random, as data; cheap
    truth(plans[0])                          the answers and defect boxes of every frame; no pixels needed
    render_frames(plans[0])                  (480, 640, 3) uint8 BGR, one by one
    render_class(Path("videos"), seed=1)     mp4 files and truth tables

From plan to frame: lottery -> plan -> strip (fabric, thread, defects, blemishes) -> camera -> video.
"""
