"""What started a run, as `current.trigger` and the client's `Run.trigger` say it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from flowc import contract
from flowc.runtime.api.triggers import MetaflowEvent, Trigger
from flowc.runtime.parameters import ParameterFault, passed_events, passed_values


def encoded(passed: object) -> str:
    return base64.b64encode(json.dumps(passed).encode()).decode()


def local(*moment: int) -> datetime:
    """What a clock here shows at a moment of UTC."""
    return datetime(*moment, tzinfo=UTC).astimezone().replace(tzinfo=None)  # type: ignore[misc,arg-type]


def test_events_are_given_by_time_and_by_name() -> None:
    first = {"type": "event", "name": "data", "id": "1", "timestamp": 1_700_000_000}
    second = {"type": "event", "name": "prices", "id": "2", "timestamp": "2023-11-14T22:13:21Z"}
    third = {"type": "event", "name": "odd", "id": None, "timestamp": {"no": "time"}}
    trigger = Trigger([third, first, second])
    assert trigger.events == [
        MetaflowEvent("prices", "2", local(2023, 11, 14, 22, 13, 21), "event"),
        MetaflowEvent("data", "1", local(2023, 11, 14, 22, 13, 20), "event"),
        MetaflowEvent("odd", None, None, "event"),
    ]
    assert (trigger.event, trigger.run, trigger.runs) == (trigger["prices"], None, None)
    assert ("data" in trigger, "none" in trigger, list(trigger)) == (True, False, trigger.events)
    with pytest.raises(KeyError):
        trigger["none"]


def test_argo_passes_each_event_whole() -> None:
    payload = {"name": "data", "id": "7", "timestamp": 9, "table": {"name": "x"}}
    passed = [
        {"name": "alpha", "value": "1"},
        {"name": "flowc-event-data", "value": json.dumps(payload)},
        {"name": "flowc-finished-first", "value": json.dumps({"name": "metaflow.First.end"})},
        {"name": "flowc-event-never-came", "value": contract.SENTINEL},
        {"name": "flowc-origin-run", "value": ""},
    ]
    assert passed_values(encoded(passed)) == {"alpha": "1"}
    assert passed_events(encoded(passed)) == [
        {"type": "event", "name": "data", "id": "7", "timestamp": 9},
        {"type": "run", "name": "metaflow.First.end", "id": None, "timestamp": None},
    ]


@pytest.mark.parametrize("payload", ["no JSON", "[1]", None, 3])
def test_an_event_may_hold_anything(payload: object) -> None:
    passed = [{"name": "flowc-event-data", "value": payload}]
    told = {"type": "event", "name": None, "id": None, "timestamp": None}
    assert passed_events(encoded(passed)) == [told]
    assert Trigger([told]).event == MetaflowEvent("None", None, None, "event")


def test_what_is_passed_may_be_broken() -> None:
    with pytest.raises(ParameterFault, match="the parameters passed to the run cannot be read"):
        passed_values(encoded("{"))
