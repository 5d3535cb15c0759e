"""Events, not frames: smoothed readings of a network become events, in which an attribute held, by the rules of a run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from math import exp, inf
from typing import Any

from core.attributes import AttributeSet
from core.errors import RunError
from core.inspection.inspector import Reading


class Smoother:
    """Exponential smoothing in seconds, not in pictures: the rate of a camera varies.

    Args:
        seconds: after which a step has come through by 63 %; 0 smooths nothing.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._value: float | None = None
        self._time = 0.0

    def add(self, time: float, value: float) -> float:
        """Return the smoothed value at ``time`` (seconds, growing); the first is taken as it is."""
        if self._value is None or self.seconds <= 0:
            self._value = value
        else:
            self._value += (1 - exp(-max(0.0, time - self._time) / self.seconds)) * (value - self._value)
        self._time = time
        return self._value


UNFAMILIAR = "unfamiliar"
"""Beside the attributes: a stretch of pictures unlike those that the network has learned."""

AWAY = 5.0
"""Seconds without any reading after which nothing is carried on: the camera was away."""

ROUNDING = 1e-6
"""Seconds: 0.3 - 0.1 shall be as long as 0.2."""


@dataclass(frozen=True)
class EventRule:
    """When an attribute makes an event.

    Raises:
        RunError: a number makes no sense.
    """

    on: float  # the (smoothed) probability from which it begins
    off: float  # the probability under which it no longer holds; not over ``on``
    least: float = 0.2  # seconds it must hold to count
    gap: float = 0.4  # seconds that it may not hold inside an event
    smooth: float = 0.0  # seconds of `core.events.detector.Smoother`; 0 is off

    def __post_init__(self) -> None:
        seconds = (self.least, self.gap, self.smooth)
        if not self.off <= self.on or not all(0 <= number < inf for number in seconds):
            raise RunError(
                f"Events cannot be made with on {self.on:g}, off {self.off:g}, minimum length {self.least:g}, "
                f"gap {self.gap:g} and smoothing {self.smooth:g}.",
                "The off threshold must not be over the on threshold, and all seconds must be 0 or more.",
            )


Rules = Mapping[str, EventRule]
"""By attribute, and `UNFAMILIAR`; what has none makes no events."""


@dataclass(frozen=True)
class Event:
    """A stretch in which an attribute held. Times are seconds from the start of the source."""

    number: int  # from 1, in the order in which they were sure
    attribute: str  # which; or `UNFAMILIAR`
    start: float  # of the first frame
    end: float  # of the last frame
    peak: float  # the greatest probability, or unfamiliarity; not smoothed
    peak_time: float  # when that was
    peak_index: int  # in which frame

    def to_json(self) -> dict[str, Any]:
        """Return plain values, rounded for reading."""
        return {key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(self).items()}


@dataclass(frozen=True)
class EventChange:
    """Something happened: an event is sure (it has lasted as long as it must), or it is over."""

    event: Event
    is_over: bool


class Detector:
    """Turns readings into events, one after the other.

    Args:
        rules: which attributes make events, and when.
        exclusive: exactly one attribute is true: only the most probable holds.
    """

    def __init__(self, rules: Rules, exclusive: bool = False) -> None:
        self._tracks = {name: _Track(name, rule) for name, rule in rules.items()}
        self._exclusive = exclusive
        self._number = 0

    @property
    def peaks(self) -> dict[str, int]:
        """The frame of the greatest probability so far, of each attribute that holds now."""
        return {name: track.peak_index for name, track in self._tracks.items() if track.is_open}

    def add(self, reading: Reading) -> list[EventChange]:
        """Take the next reading and return what happened with it."""
        values = self._values(reading)
        tracks = self._tracks.values()
        return [
            c for t in tracks for c in self._numbered(t, t.add(reading.index, reading.time, values[t.name]))
        ]

    def rest(self, time: float) -> list[EventChange]:
        """Return the events that are over at ``time``, because nothing was read for too long."""
        return [
            change for track in self._tracks.values() for change in self._numbered(track, track.rest(time))
        ]

    def finish(self) -> list[EventChange]:
        """Return the events that were still open; they end with their last frame that held."""
        return [change for track in self._tracks.values() for change in self._numbered(track, track.close())]

    def _values(self, reading: Reading) -> dict[str, float | None]:
        """Return the values of the tracks; none of attributes where the picture is unfamiliar."""
        values: dict[str, float | None] = dict(reading.probabilities)
        if not reading.is_familiar:
            values = dict.fromkeys(values)
        elif self._exclusive:
            winner = max(reading.probabilities, key=reading.probabilities.__getitem__)
            values = {name: p if name == winner else 0.0 for name, p in reading.probabilities.items()}
        return values | {UNFAMILIAR: reading.unfamiliarity}

    def _numbered(self, track: "_Track", changes: list[EventChange]) -> Iterator[EventChange]:
        for change in changes:
            if not change.is_over:
                self._number += 1
                track.number = self._number
            yield replace(change, event=replace(change.event, number=track.number))


class _Track:
    """One attribute: whether it holds (hysteresis), since when, and where it was greatest."""

    def __init__(self, name: str, rule: EventRule) -> None:
        self.name, self.rule, self.number = name, rule, 0
        self._smoother = Smoother(rule.smooth)
        self._holds = self._is_sure = False
        self._start: float | None = None
        self._last = self._last_reading = self._peak = self._peak_time = 0.0
        self.peak_index = 0

    @property
    def is_open(self) -> bool:
        return self._start is not None

    def add(self, index: int, time: float, value: float | None) -> list[EventChange]:
        changes = self.rest(time)
        if time - self._last_reading > AWAY:
            self._smoother = Smoother(self.rule.smooth)
        self._last_reading = time
        if value is None:  # it interrupts: smoothing starts anew after it
            self._smoother, self._holds = Smoother(self.rule.smooth), False
            return changes
        smooth = self._smoother.add(time, value)
        self._holds = smooth >= (self.rule.off if self._holds else self.rule.on)
        if not self._holds:
            return changes
        if self._start is None:
            self._start, self._peak = time, -1.0
        self._last = time
        # Not the smoothed one, which is late: its picture may show the end of the defect.
        if value > self._peak:
            self._peak, self._peak_time, self.peak_index = value, time, index
        if not self._is_sure and time - self._start >= self.rule.least - ROUNDING:
            self._is_sure = True
            changes.append(EventChange(self._event(), False))
        return changes

    def rest(self, time: float) -> list[EventChange]:
        """End the event where it failed to hold for too long before ``time``, or nobody looked."""
        failed = not self._holds and time - self._last > self.rule.gap + ROUNDING
        is_stale = failed or time - self._last_reading > max(AWAY, self.rule.gap)
        return self.close() if self.is_open and is_stale else []

    def close(self) -> list[EventChange]:
        changes = [EventChange(self._event(), True)] if self._is_sure else []
        self._start, self._holds, self._is_sure = None, False, False
        return changes

    def _event(self) -> Event:
        assert self._start is not None
        return Event(0, self.name, self._start, self._last, self._peak, self._peak_time, self.peak_index)


OFF = 0.6
"""An event goes on while the probability is over this share of the threshold that began it."""

Setting = float | Mapping[str, float]
"""For all attributes; or by attribute, "" for all others."""


def default_rules(
    attributes: AttributeSet, thresholds: Iterable[float], wanted: Iterable[str] = (), **changes: Setting
) -> dict[str, EventRule]:
    """Return the rules of a run.

    Args:
        attributes: of the run.
        thresholds: from which on each of them is decided true, (A,).
        wanted: names of those that make events; by default those whose true is a defect.
        changes: of `EventRule`. The rule of unfamiliar pictures stays as it is: it is about no attribute.

    Raises:
        WorkspaceError: an attribute that the run does not have.
        RunError: a change of an attribute that makes no events, or one that makes no sense.
    """
    on = dict(zip(attributes.names, map(float, thresholds), strict=True))
    if attributes.exclusive:
        on = dict.fromkeys(on, 1 / len(attributes))  # the most probable wins, see `Detector`
    defects = [a.name for a in attributes if not a.all_clear and not a.false]
    names = [attributes[name].name for name in wanted] or defects or list(attributes.names)
    by_name = {key: _by_name(attributes, names, change) for key, change in changes.items()}
    rules = {
        name: EventRule(on[name], on[name] if attributes.exclusive else OFF * on[name]) for name in names
    }
    rules = {name: _changed(rule, name, by_name) for name, rule in rules.items()}
    return rules | {UNFAMILIAR: EventRule(1.0, 0.9, least=0.5)}


def _by_name(attributes: AttributeSet, watched: list[str], change: Setting) -> Mapping[str, float]:
    if not isinstance(change, Mapping):
        return {"": change}
    for name in set(change) - {"", *watched}:
        raise RunError(
            f"{attributes[name].name} makes no events; only {', '.join(watched)} does.",
            "Name it among the attributes to watch, too.",
        )
    return change


def _changed(rule: EventRule, name: str, changes: Mapping[str, Mapping[str, float]]) -> EventRule:
    by_key = {key: change.get(name, change.get("")) for key, change in changes.items()}
    values = {key: value for key, value in by_key.items() if value is not None}
    if "on" in values:
        values.setdefault("off", OFF * values["on"])
    return replace(rule, **values)
