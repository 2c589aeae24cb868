"""The standalone event bus, and logs of events."""

import json
import logging
import threading
from pathlib import Path

import pytest

from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.events import LocalEventBus
from isaacsim_agent_ext.session.event_log import SimulationEvent, check_payload
from isaacsim_agent_ext.session.event_script import parse_event, read_events


def test_observers_hear_their_event_until_reset() -> None:
    bus, heard = LocalEventBus(), []
    subscription = bus.observe("a", heard.append)
    bus.observe("b", lambda payload: heard.append("b"))
    bus.dispatch("a", {"x": 1})
    bus.dispatch("c")
    subscription.reset()
    subscription.reset()
    bus.dispatch("a", {"x": 2})
    bus.dispatch("b")
    assert heard == [{"x": 1}, "b"]


def test_a_failing_observer_is_reported_and_harms_nobody(caplog) -> None:
    bus, heard = LocalEventBus(), []
    bus.observe("a", lambda payload: payload["missing"])
    bus.observe("a", heard.append)
    with caplog.at_level(logging.ERROR):
        bus.dispatch("a", {"x": 1})
    assert heard == [{"x": 1}]
    assert "KeyError: 'missing'" in caplog.text


def test_observers_may_come_go_and_dispatch_while_an_event_is_dispatched() -> None:
    bus, heard = LocalEventBus(), []
    subscriptions = []

    def once(payload: dict) -> None:
        heard.append("once")
        subscriptions[0].reset()
        bus.dispatch("b")

    subscriptions.append(bus.observe("a", once))
    bus.observe("b", lambda _: bus.observe("a", lambda _: heard.append("late")))
    bus.dispatch("a")
    bus.dispatch("a")
    assert heard == ["once", "late"]


def test_no_observer_can_change_what_the_next_one_hears() -> None:
    bus, heard = LocalEventBus(), []
    bus.observe("a", lambda payload: payload.clear())
    bus.observe("a", heard.append)
    bus.dispatch("a", {"x": 1})
    assert heard == [{"x": 1}]


def test_threads_may_share_a_bus() -> None:
    bus, heard = LocalEventBus(), []
    bus.observe("a", lambda payload: heard.append(payload["i"]))

    def work(first: int) -> None:
        for i in range(first, first + 200):
            bus.observe(f"other {i}", heard.append).reset()
            bus.dispatch("a", {"i": i})

    threads = [threading.Thread(target=work, args=(200 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == list(range(800))


def test_logs_are_read_in_order_of_frames(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    late, early = SimulationEvent(frame=9, name="b"), SimulationEvent(frame=2, name="a", payload={"prim_path": "/x"})
    path.write_text(json.dumps({"events": [late.to_json(), early.to_json()]}))
    assert read_events(path) == (early, late)
    path.write_text(json.dumps([{"frame": 0, "event": "a"}]))
    assert read_events(path) == (SimulationEvent(frame=0, name="a"),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no valid JSON"),
        ("{}", "expected a list of events"),
        ('[{"frame": -1, "event": "a"}]', r"0\.frame: found -1, expected a whole number"),
        ('[{"frame": 1, "event": "a"}, {"frame": true, "event": "a"}]', r"1\.frame"),
        ('[{"frame": 1, "event": "a", "payload": [1]}]', r"0\.payload"),
        ('{"events": [{"frame": 1}]}', r"events\.0\.event"),
        ('[{"frame": 1, "time": 2, "event": "a"}]', "found both"),
        ('[{"event": "a"}]', "found neither"),
        ('[{"time": NaN, "event": "a"}]', r"0\.time"),
        ('[{"time": 1, "evnt": "a"}]', "did you mean `event`"),
        ('["a"]', "expected a map"),
    ],
)
def test_broken_scripts_are_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=why):
        read_events(path)


def test_scripts_are_yaml_with_times_or_frames(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("- {time: 1.5, event: b, payload: {prim_path: /x}}\n- {frame: 3, event: a}\n")
    assert read_events(path) == (
        SimulationEvent(frame=3, name="a"),
        SimulationEvent(frame=45, name="b", payload={"prim_path": "/x"}),
    )
    path.write_text("- {time: 1.5, event: b}\n- {time: -1, event: a}\n- {time: 1, event: ''}\n")
    with pytest.raises(ConfigError) as refused:
        read_events(path)
    assert [(problem.line, problem.key_path) for problem in refused.value.problems] == [(2, "1.time"), (3, "2.event")]


def test_events_can_be_given_as_arguments() -> None:
    assert parse_event("alarm@3") == SimulationEvent(frame=90, name="alarm")
    assert parse_event('shop@door@0.1:{"prim_path": "/a:b@1"}') == SimulationEvent(
        frame=3, name="shop@door", payload={"prim_path": "/a:b@1"}
    )
    for wrong, why in (
        ("alarm", "NAME@SECONDS"),
        ("alarm@soon", "NAME@SECONDS"),
        ("alarm@-1", "NAME@SECONDS"),
        ("alarm@1:{", "no valid JSON"),
        ("alarm@1:[1]", "payload: found a list"),
    ):
        with pytest.raises(ConfigError, match=why):
            parse_event(wrong)


def test_payloads_are_copied_and_must_be_loggable() -> None:
    payload = {"points": [1, 2]}
    copied = check_payload(payload)
    payload["points"].append(3)
    assert copied == {"points": [1, 2]}
    for wrong in ({"x": {1, 2}}, {"x": float("nan")}):
        with pytest.raises(TypeError, match="JSON"):
            check_payload(wrong)
