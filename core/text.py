"""Numbers and names as people read them: shares, counts, lists and durations."""

from collections.abc import Iterable, Sequence

UNKNOWN = "–"


def percent(share: float | None, digits: int = 0, signed: bool = False, unknown: str = UNKNOWN) -> str:
    """Return a share in percent, or ``unknown`` where there is none; only the whole is 100 %.

    >>> percent(0.7512, 1)
    '75.1 %'
    >>> percent(0.9998, 1)
    '99.9 %'
    >>> percent(-0.14, signed=True)
    '−14 %'
    """
    if share is None:
        return unknown
    most = 100 - 10.0**-digits if share < 1 else 100 * share
    return with_minus(f"{min(100 * share, most):{'+' if signed else ''}.{digits}f} %")


def share_of(few: int, whole: int) -> str:
    """Return which share of ``whole`` are ``few``, in whole percent; of a small one it does not say 0 %.

    >>> share_of(2, 3), share_of(1, 1000)
    ('67 %', 'under 1 %')
    """
    return "under 1 %" if 100 * few < whole else percent(few / whole)


def points(difference: float | None) -> str:
    """Return a difference of shares in points.

    >>> points(-0.0314)
    '−3.1'
    """
    return UNKNOWN if difference is None else with_minus(f"{100 * difference:+.1f}")


def decimals(value: float | None, digits: int, unknown: str = UNKNOWN) -> str:
    """Return a number with thousands marked and so many digits after the point.

    >>> decimals(1234.5, 2), decimals(-0.5, 1), decimals(None, 3)
    ('1,234.50', '−0.5', '–')
    """
    return unknown if value is None else with_minus(f"{value:,.{digits}f}")


def with_minus(number: str) -> str:
    """Return a number that was written with a hyphen with a minus.

    >>> with_minus("-5.0")
    '−5.0'
    """
    return number.replace("-", "−")


def between(interval: Sequence[float] | None, signed: bool = False, unknown: str = UNKNOWN) -> str:
    """Return the interval of a share in percent, or where it is ``signed`` that of a difference in points.

    >>> between((0.7, 0.8512))
    '70.0 to 85.1 %'
    >>> between((-0.01, 0.02), signed=True)
    '−1.0 to +2.0'
    """
    if interval is None:
        return unknown
    low, high = interval
    return f"{points(low)} to {points(high)}" if signed else f"{100 * low:.1f} to {percent(high, 1)}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return how many there are, with the noun in the right form.

    >>> count(1, "video"), count(1200, "frame"), count(2, "class", "classes")
    ('1 video', '1,200 frames', '2 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def lowered(words: str) -> str:
    """Return words as they go on in a sentence.

    >>> lowered("Your own videos")
    'your own videos'
    """
    return words[:1].lower() + words[1:]


def listed(names: Iterable[object], most: int = 0, quoted: bool = False, word: str = "and") -> str:
    """Return names in a sentence; of more than ``most`` (0: no limit) only how many more there are.

    >>> listed("abc"), listed(["good", "break"], quoted=True), listed("abcde", most=3), listed("ab", word="or")
    ('a, b and c', '“good” and “break”', 'a, b, c and 2 more', 'a or b')
    """
    shown = [f"“{name}”" if quoted else str(name) for name in names]
    if most and len(shown) > most:
        shown[most:] = [f"{len(shown) - most} more"]
    return f" {word} ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def size(count: int) -> str:
    """Return bytes in the unit in which they are read best.

    >>> size(724_000), size(45_300_000), size(3_900_000_000)
    ('724 kB', '45 MB', '3.9 GB')
    """
    if count < 1e6:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e6:.0f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def spans(numbers: Iterable[int]) -> list[str]:
    """Return rising numbers with those that follow one another put together.

    >>> spans([3, 7, 8, 9, 20])
    ['3', '7–9', '20']
    """
    ends: list[list[int]] = []
    for number in numbers:
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    return [f"{first}" if first == last else f"{first}–{last}" for first, last in ends]


def duration(seconds: float, roughly: bool = False) -> str:
    """Return how long something takes; ``roughly``: to the minute where it is more than one.

    >>> duration(130), duration(130, roughly=True), duration(3900)
    ('2 min 10 s', '2 min', '1 h 5 min')
    """
    whole = round(seconds) if seconds < 60 or not roughly else 60 * round(seconds / 60)
    if whole < 60:
        return f"{whole} s"
    large, small = divmod(whole, 60) if whole < 3600 else divmod(whole // 60, 60)
    units = ("min", "s") if whole < 3600 else ("h", "min")
    return f"{large} {units[0]}" if roughly and not small else f"{large} {units[0]} {small} {units[1]}"
