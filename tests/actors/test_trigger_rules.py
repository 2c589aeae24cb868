"""The rules of triggers, each for people and robots, and for triggers of every kind."""

import numpy as np
import pytest

from isaacsim_agent_ext.actors.colliders import StageCollider
from isaacsim_agent_ext.actors.drive import Drive
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import (
    CharacterGroup,
    CharacterPatrol,
    CharacterStop,
    CollisionTrigger,
    CylinderCollider,
    EventTrigger,
    RobotGroup,
    RobotHalt,
    RobotPatrol,
    TimeTrigger,
)

STATES = ("idle", "turn_left", "turn_right", "forward")
DRIVE = Drive(
    linear_velocity=1.0,
    angular_velocity=2.0,
    differential=True,
    plans_on_navmesh=True,
    transitions=dict.fromkeys(STATES, STATES),
)
_LEVEL = 10.0  # [m]


class Person:
    """One person on a plane; routine and behaviors are those of people."""

    def stop(self, seconds):
        return CharacterStop(time_range=(seconds, seconds))

    def walk(self, x):
        return CharacterPatrol(speed_range=(1.0, 1.0), path_points=((x, 0.0, 0.0),))

    def group(self, **more):
        return CharacterGroup(name="crew", num=1, asset_path="", **more)

    def spec(self, people):
        return people.actor_spec("crew_0", 0.0, 0.0)


class Robot:
    """One robot on a plane."""

    def stop(self, seconds):
        return RobotHalt(time_range=(seconds, seconds))

    def walk(self, x):
        return RobotPatrol(path_points=((x, 0.0, 0.0),))

    def group(self, **more):
        return RobotGroup(name="crew", num=1, config_file_path="r.yaml", agent_radius=0.4, **more)

    def spec(self, people):
        return ActorSpec(
            name="crew_0",
            group="crew",
            prim_path="/World/Robots/crew/r",
            agent_prim_path="/World/Robots/crew/r",
            agent_type="AnimRobotAPI",
            asset_url="r.usd",
            position=np.zeros(3),
            yaw=0.0,
            radius=0.4,
            drive=DRIVE,
        )


class Story:
    """An actor with triggers of one kind that are made to fire at chosen frames.

    A timer fires by its time, an event when it is dispatched, and a collision because a zone appears around the actor:
    there is one zone for each trigger, and it takes in everything from its frame on.
    """

    def __init__(self, actor, kind, people, plane):
        self._actor, self._kind, self._people, self._plane = actor, kind, people, plane
        self._triggers, self._frames = [], []

    def trigger(self, name, frame, priority, *behavior):
        common = {"priority": priority, "behavior": behavior}
        if self._kind == "time":
            self._triggers.append(TimeTrigger(time=frame / 30, **common))
        elif self._kind == "event":
            self._triggers.append(EventTrigger(event=name, **common))
        else:
            self._triggers.append(CollisionTrigger(self_collider=name, other_colliders=(name,), **common))
        self._frames.append((frame, name))

    def play(self, steps, monkeypatch, routine):
        """Return what was written down as ``(kind, name)`` and the run-length encoded tasks."""
        names = [name for _, name in self._frames]
        colliders = tuple(CylinderCollider(name=name, radius=0.1) for name in names)
        group = self._actor.group(routines=(routine,), triggers=tuple(self._triggers), colliders=colliders)
        zones = [
            StageCollider(
                prim_path=f"/World/{name}",
                name=name,
                outlines=np.array([[[-90.0, -90.0], [90.0, -90.0], [90.0, 90.0], [-90.0, 90.0]]]),
                radii=np.zeros(1),
                heights=np.array([[_LEVEL * frame, np.inf]]),
            )
            for frame, name in self._frames
        ]
        simulation = Simulation(
            seed=1,
            navmesh=self._plane,
            specs=[self._actor.spec(self._people)],
            groups=[group],
            stage_colliders=zones if self._kind == "collision" else (),
        )
        if self._kind == "collision":
            self._let_zones_appear(simulation, monkeypatch)
        tasks = []
        for frame in range(steps):
            for due, name in self._frames:
                if due == frame and self._kind == "event":
                    simulation.dispatch(name)
            simulation.step()
            task = simulation.states()[0].task
            if task != "Turn" and (not tasks or tasks[-1][0] != task):  # robots turn before they drive
                tasks.append([task, 0])
            tasks[-1][1] += 1
        return [(event.kind.removeprefix("trigger_"), self._name(event)) for event in simulation.events], tasks

    def _name(self, event):
        cause = event.details["cause"]
        if "time" in cause:
            return next(name for frame, name in self._frames if frame / 30 == cause["time"])
        return cause.get("event") or cause["self_collider"]

    def _let_zones_appear(self, simulation, monkeypatch):
        """Let everybody seem to rise from frame to frame, up to the level at which the zones of that frame begin."""
        touches = simulation._triggers._touches
        changes = touches.changes

        def with_zones(positions, headings):
            return changes(positions + np.array([0.0, 0.0, _LEVEL * simulation.frame]), headings)

        monkeypatch.setattr(touches, "changes", with_zones)


@pytest.fixture(params=["person", "robot"])
def actor(request):
    return Person() if request.param == "person" else Robot()


@pytest.fixture(params=["time", "event", "collision"])
def story(request, actor, people, plane):
    return Story(actor, request.param, people, plane)


def test_a_trigger_interrupts_the_routine_and_a_fresh_one_is_picked_afterwards(actor, story, monkeypatch):
    story.trigger("alarm", 30, 1, actor.stop(1.0))
    happened, tasks = story.play(100, monkeypatch, actor.walk(9.0))
    assert happened == [("fired", "alarm"), ("started", "alarm"), ("completed", "alarm")]
    assert [task for task, _ in tasks] == ["MoveTo", "Idle", "MoveTo"]
    assert [steps for _, steps in tasks[:2]] == [30, 30]


def test_the_behaviors_of_a_trigger_run_in_order(actor, story, monkeypatch):
    story.trigger("tour", 0, 1, actor.stop(0.5), actor.walk(1.0), actor.stop(1.0))
    _, tasks = story.play(200, monkeypatch, actor.walk(9.0))
    assert [task for task, _ in tasks] == ["Idle", "MoveTo", "Idle", "MoveTo"]
    assert (tasks[0][1], tasks[2][1]) == pytest.approx((15, 30), abs=1)  # robots turn first


def test_a_higher_priority_interrupts_and_the_interrupted_one_resumes(actor, story, monkeypatch):
    story.trigger("low", 10, 1, actor.stop(2.0))
    story.trigger("high", 30, 2, actor.walk(0.5))
    happened, tasks = story.play(250, monkeypatch, actor.walk(9.0))
    assert happened == [
        *(("fired", "low"), ("started", "low")),
        *(("fired", "high"), ("interrupted", "low"), ("started", "high"), ("completed", "high")),
        *(("resumed", "low"), ("completed", "low")),
    ]
    assert [task for task, _ in tasks] == ["MoveTo", "Idle", "MoveTo", "Idle", "MoveTo"]
    assert (tasks[1][1], tasks[3][1]) == pytest.approx((20, 40), abs=1)  # two seconds in all


def test_a_lower_priority_that_fires_meanwhile_is_dropped(actor, story, monkeypatch):
    story.trigger("high", 10, 2, actor.stop(2.0))
    story.trigger("low", 30, 1, actor.walk(-5.0))
    happened, tasks = story.play(100, monkeypatch, actor.stop(1e3))
    assert happened == [
        *(("fired", "high"), ("started", "high")),
        *(("fired", "low"), ("dropped", "low")),
        ("completed", "high"),
    ]
    assert [task for task, _ in tasks] == ["Idle"]


def test_equal_priorities_wait_their_turn_in_the_order_of_arrival(actor, story, monkeypatch):
    story.trigger("first", 10, 3, actor.stop(1.0))
    story.trigger("third", 25, 3, actor.stop(1.0))
    story.trigger("second", 20, 3, actor.stop(1.0))
    happened, _ = story.play(120, monkeypatch, actor.walk(9.0))
    assert [name for kind, name in happened if kind == "started"] == ["first", "second", "third"]
    assert [name for kind, name in happened if kind == "queued"] == ["second", "third"]
    assert [name for kind, name in happened if kind == "completed"] == ["first", "second", "third"]


def test_of_several_that_wait_the_highest_priority_goes_on_first(actor, story, monkeypatch):
    story.trigger("low", 10, 1, actor.stop(1.0))
    story.trigger("middle", 20, 2, actor.stop(1.0))
    story.trigger("high", 30, 3, actor.stop(1.0))
    happened, _ = story.play(150, monkeypatch, actor.walk(9.0))
    assert [(kind, name) for kind, name in happened if kind in ("resumed", "completed")] == [
        ("completed", "high"),
        *(("resumed", "middle"), ("completed", "middle")),
        *(("resumed", "low"), ("completed", "low")),
    ]


def test_a_walk_that_was_interrupted_goes_on_to_its_goal(actor, story, monkeypatch):
    story.trigger("low", 0, 1, actor.walk(2.0), actor.stop(1e3))
    story.trigger("high", 40, 2, actor.stop(1.0))
    happened, tasks = story.play(260, monkeypatch, actor.stop(1e3))
    assert ("resumed", "low") in happened
    assert [task for task, _ in tasks] == ["MoveTo", "Idle", "MoveTo", "Idle"]
