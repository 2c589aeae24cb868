"""Each rule of routines and triggers as a test that reads like the rule."""

import pytest

from isaacsim_agent_ext.config.model import (
    CharacterGroup,
    CharacterPatrol,
    CharacterStop,
    EventTrigger,
    TimeTrigger,
)


def stop(seconds):
    return CharacterStop(time_range=(seconds, seconds))


def walk(x):
    return CharacterPatrol(speed_range=(1.0, 1.0), path_points=((x, 0.0, 0.0),))


@pytest.fixture
def simulate(plane, people):
    """Make a simulation of people (by default one) who only idle, with some triggers."""

    def make(*triggers, num=1, routines=()):
        routines = routines or (stop(1000.0),)
        group = CharacterGroup(name="workers", num=num, asset_path="", routines=routines, triggers=triggers)
        poses = {f"workers_{index}": (0.0, 2.0 * index, 0.0) for index in range(num)}
        return people.simulate(plane, [group], poses=poses)

    return make


def play(simulation, steps):
    """Return the tasks of the first actor, run-length encoded."""
    tasks = []
    for _ in range(steps):
        simulation.step()
        task = simulation.states()[0].task
        if not tasks or tasks[-1][0] != task:
            tasks.append([task, 0])
        tasks[-1][1] += 1
    return tasks


def kinds(simulation):
    return [(event.frame, event.kind) for event in simulation.events]


def test_a_time_trigger_fires_once_after_its_time_and_the_routine_goes_on(simulate):
    simulation = simulate(TimeTrigger(time=1.0, behavior=(walk(0.5),)))
    tasks = play(simulation, 300)
    assert [task for task, _ in tasks] == ["Idle", "MoveTo", "Idle"]
    assert tasks[0][1] == 30
    assert kinds(simulation)[:2] == [(30, "trigger_fired"), (30, "trigger_started")]
    assert [kind for _, kind in kinds(simulation)] == ["trigger_fired", "trigger_started", "trigger_completed"]


def test_a_time_trigger_at_zero_starts_before_anything_else(simulate):
    simulation = simulate(TimeTrigger(time=0.0, behavior=(walk(0.5),)))
    assert play(simulation, 5) == [["MoveTo", 5]]


def test_the_behaviors_of_a_trigger_run_in_order(simulate):
    simulation = simulate(TimeTrigger(time=0.0, behavior=(walk(1.0), stop(1.0), walk(-1.0))))
    tasks = play(simulation, 400)
    assert [task for task, _ in tasks] == ["MoveTo", "Idle", "MoveTo", "Idle"]
    assert tasks[1][1] == 30
    assert simulation.states()[0].position[0] == pytest.approx(-1.0, abs=1e-3)


def test_an_event_fires_the_triggers_that_wait_for_it(simulate):
    simulation = simulate(EventTrigger(event="alarm", behavior=(walk(1.0),)))
    play(simulation, 10)
    simulation.dispatch("drill")
    play(simulation, 10)
    assert not simulation.events
    simulation.dispatch("alarm")
    assert play(simulation, 10) == [["MoveTo", 10]]


def test_an_event_can_address_one_actor(simulate):
    simulation = simulate(EventTrigger(event="alarm", behavior=(walk(1.0),)), num=2)
    simulation.dispatch("alarm", {"prim_path": "/World/Characters/workers/workers_1"})
    simulation.step()
    assert [state.task for state in simulation.states()] == ["Idle", "MoveTo"]


def test_a_higher_priority_interrupts_and_the_interrupted_one_goes_on_afterwards(simulate):
    simulation = simulate(
        EventTrigger(event="low", priority=1, behavior=(stop(2.0), walk(1.0))),
        EventTrigger(event="high", priority=5, behavior=(walk(0.2),)),
    )
    simulation.dispatch("low")
    play(simulation, 20)
    simulation.dispatch("high")
    tasks = play(simulation, 300)
    assert [task for task, _ in tasks] == ["MoveTo", "Idle", "MoveTo", "Idle"]
    assert tasks[1][1] == 40  # what was left of the stop
    assert [kind for _, kind in kinds(simulation)] == [
        *("trigger_fired", "trigger_started"),
        *("trigger_fired", "trigger_interrupted", "trigger_started", "trigger_completed"),
        *("trigger_resumed", "trigger_completed"),
    ]


def test_an_interrupted_walk_goes_on_to_its_goal(simulate):
    simulation = simulate(
        EventTrigger(event="low", priority=1, behavior=(walk(3.0),)),
        EventTrigger(event="high", priority=5, behavior=(walk(-1.0),)),
    )
    simulation.dispatch("low")
    play(simulation, 60)
    simulation.dispatch("high")
    play(simulation, 400)
    assert simulation.states()[0].position[0] == pytest.approx(3.0, abs=1e-3)


def test_a_lower_priority_is_dropped(simulate):
    simulation = simulate(
        EventTrigger(event="low", priority=1, behavior=(walk(1.0),)),
        EventTrigger(event="high", priority=5, behavior=(stop(1.0),)),
    )
    simulation.dispatch("high")
    play(simulation, 5)
    simulation.dispatch("low")
    assert play(simulation, 100) == [["Idle", 100]]
    assert "trigger_dropped" in [kind for _, kind in kinds(simulation)]


def test_an_equal_priority_waits_its_turn_in_the_order_of_arrival(simulate):
    simulation = simulate(
        EventTrigger(event="first", priority=2, behavior=(stop(1.0),)),
        EventTrigger(event="second", priority=2, behavior=(walk(1.0),)),
        EventTrigger(event="third", priority=2, behavior=(stop(0.5),)),
    )
    for event in ("first", "second", "third"):
        simulation.dispatch(event)
        simulation.step()
    tasks = play(simulation, 150)
    assert [task for task, _ in tasks] == ["Idle", "MoveTo", "Idle"]
    assert [kind for _, kind in kinds(simulation)].count("trigger_completed") == 3


def test_waiting_triggers_run_by_priority(simulate):
    simulation = simulate(
        EventTrigger(event="low", priority=1, behavior=(stop(1.0), stop(1.0))),
        EventTrigger(event="high", priority=5, behavior=(stop(1.0),)),
    )
    for event in ("low", "high", "high"):
        simulation.dispatch(event)
        simulation.step()
    play(simulation, 200)
    started = [event.message for event in simulation.events if event.kind in ("trigger_started", "trigger_resumed")]
    assert ["low" if "low" in message else "high" for message in started] == ["low", "high", "high", "low"]


def test_when_all_triggers_are_done_a_fresh_routine_is_picked(simulate):
    simulation = simulate(EventTrigger(event="alarm", behavior=(stop(1.0),)), routines=(walk(5.0),))
    play(simulation, 30)
    simulation.dispatch("alarm")
    tasks = play(simulation, 60)
    assert tasks[0] == ["Idle", 30]
    assert tasks[1][0] == "MoveTo"
