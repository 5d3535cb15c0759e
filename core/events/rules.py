"""The rules by which a run makes events. The page and the command line both take them from here: same film, same events."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.attributes import AttributeSet
from core.errors import RunError
from core.events.detector import UNFAMILIAR, Rule

OFF = 0.6
"""An event goes on while the probability is over this share of the threshold that began it."""

Setting = float | Mapping[str, float]
"""For all attributes; or by attribute, "" for all others."""


def default_rules(
    attributes: AttributeSet, thresholds: Iterable[float], wanted: Iterable[str] = (), **changes: Setting
) -> dict[str, Rule]:
    """Return the rules of a run.

    Args:
        attributes: of the run.
        thresholds: from which on each of them is decided true, (A,).
        wanted: names of those that make events; by default those whose true is a defect.
        changes: of `Rule`. The rule of unfamiliar pictures stays as it is: it is about no attribute.

    Raises:
        WorkspaceError: an attribute that the run does not have.
        RunError: a change of an attribute that makes no events, or one that makes no sense.
    """
    on = dict(zip(attributes.names, map(float, thresholds), strict=True))
    if attributes.exclusive:
        on = dict.fromkeys(on, 1 / len(attributes))  # the most probable wins, see `Detector`
    names = [attributes[name].name for name in wanted] or _defects(attributes)
    by_name = {key: _by_name(attributes, names, change) for key, change in changes.items()}
    rules = {name: Rule(on[name], on[name] if attributes.exclusive else OFF * on[name]) for name in names}
    rules = {name: _changed(rule, name, by_name) for name, rule in rules.items()}
    return rules | {UNFAMILIAR: Rule(1.0, 0.9, least=0.5)}


def _defects(attributes: AttributeSet) -> list[str]:
    defects = [a.name for a in attributes if not a.all_clear and not a.false]
    return defects or list(attributes.names)


def _by_name(attributes: AttributeSet, watched: list[str], change: Setting) -> Mapping[str, float]:
    if not isinstance(change, Mapping):
        return {"": change}
    for name in set(change) - {"", *watched}:
        raise RunError(
            f"{attributes[name].name} makes no events; only {', '.join(watched)} does.",
            "Name it among the attributes to watch, too.",
        )
    return change


def _changed(rule: Rule, name: str, changes: Mapping[str, Mapping[str, float]]) -> Rule:
    by_key = {key: change.get(name, change.get("")) for key, change in changes.items()}
    values = {key: value for key, value in by_key.items() if value is not None}
    if "on" in values:
        values.setdefault("off", OFF * values["on"])
    return replace(rule, **values)
