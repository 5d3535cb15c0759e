"""How strongly training pictures are varied; `core.inputs.augmentation` varies them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Augmentation:
    """How training pictures are varied. Nothing here scales, zooms or stretches: stitch pitch is a label.

    Args:
        light: share of the pictures whose brightness and contrast change.
        contrast: least and greatest factor on the grey levels.
        brightness: least and greatest number of grey levels added, both included.
        twins: the set is doubled by pictures with a portion cut off the top and appended at the bottom.
        roll: each picture is cut and appended, instead of being doubled.
        flip: each picture is mirrored left-right and top-bottom, each with chance one half.
        quarter: each picture is turned by a quarter with chance one half, where the input is square.
        colour: share of the pictures whose hues turn, whose grey levels bend, or that become negatives.
        shift: greatest move to left or right, as a share of the width.
        turn: greatest angle, in degrees, by which a picture is turned about its centre; lengths stay.
        weave: greatest strength of a regular pattern laid over, in grey levels.
        noise: greatest standard deviation of sensor noise, in grey levels.
        blur: share of the pictures that are blurred a little.
    """

    light: float = 0.0
    contrast: tuple[float, float] = (0.8, 1.2)
    brightness: tuple[int, int] = (0, 14)
    twins: bool = False
    roll: bool = False
    flip: bool = False
    quarter: bool = False
    colour: float = 0.0
    shift: float = 0.0
    turn: float = 0.0
    weave: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
