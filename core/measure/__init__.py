"""How long the stitches of a seam are: its line in a picture, its period, and millimetres by a calibration.

No network and no label is needed here; what a network decides belongs to `core.inspection`.
"""
