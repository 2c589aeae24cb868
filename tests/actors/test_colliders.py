"""Collision triggers: who touches what, when, and by which name."""

import numpy as np
import pytest

from isaacsim_agent_ext.actors.colliders import StageCollider, Touches
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.config.model import (
    BoxCollider,
    CharacterGroup,
    CharacterPatrol,
    CharacterStop,
    CollisionTrigger,
    CylinderCollider,
)

SENSE = CylinderCollider(name="sense", radius=1.0)
BOX = BoxCollider(name="box", dimension=(4.0, 1.0, 2.0))


def stop(seconds=1.0):
    return CharacterStop(time_range=(seconds, seconds))


def walk(*points):
    return CharacterPatrol(speed_range=(1.0, 1.0), path_points=tuple((*point, 0.0) for point in points))


def group(name, *triggers, colliders=(SENSE,), routines=(), num=1):
    return CharacterGroup(
        name=name, num=num, asset_path="", triggers=triggers, colliders=colliders, routines=routines or (stop(1e3),)
    )


def touch(self_collider="sense", **options):
    return CollisionTrigger(self_collider=self_collider, behavior=(stop(),), **options)


def zone(name, low, high, *, bottom=0.0, top=2.0, path="/World/Zone"):
    (x0, y0), (x1, y1) = low, high
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)
    return StageCollider(
        prim_path=path, name=name, outlines=corners[None], radii=np.zeros(1), heights=np.array([[bottom, top]])
    )


@pytest.fixture
def touches(people):
    """Make `Touches` of actors who stand where they are put; returns a function from positions to what changes."""

    def make(groups, poses, stage=()):
        specs = [people.actor_spec(name, x, y) for name, (x, y) in poses.items()]
        watch = Touches(specs, {one.name: one for one in groups}, stage)

        def changes(*positions, yaws=None):
            places = np.pad(np.array(positions or list(poses.values()), float), ((0, 0), (0, 1)))
            angles = np.zeros(len(places)) if yaws is None else np.array(yaws)
            found = watch.changes(places, np.stack([np.cos(angles), np.sin(angles)], axis=1))
            return [
                (specs[one.actor].name, "enter" if one.begins else "exit", one.other_collider, one.other_prim_path)
                for one in found
            ]

        return changes

    return make


def test_a_person_touches_a_zone_once_when_coming_and_once_when_going(touches):
    trigger = touch(other_colliders=("dock",), trigger_exit=True)
    changes = touches([group("workers", trigger)], {"workers_0": (0, 0)}, [zone("dock", (3, -1), (5, 1))])
    assert changes((0, 0)) == []
    assert changes((2.01, 0)) == [("workers_0", "enter", "dock", "/World/Zone")]
    assert changes((4, 0)) == []
    assert changes((6.1, 0)) == [("workers_0", "exit", "dock", "/World/Zone")]
    assert changes((4, 0)) == [("workers_0", "enter", "dock", "/World/Zone")]


def test_enter_and_exit_can_be_switched(touches):
    stage = [zone("dock", (3, -1), (5, 1))]
    for enter, leave, expected in ((True, False, ["enter"]), (False, True, ["exit"]), (False, False, [])):
        trigger = touch(trigger_enter=enter, trigger_exit=leave)
        changes = touches([group("workers", trigger)], {"workers_0": (0, 0)}, stage)
        assert [kind for x in (0, 4, 9) for _, kind, *_ in changes((x, 0))] == expected


def test_only_the_colliders_that_are_named_count(touches):
    stage = [zone("dock", (3, -1), (5, 1)), zone("ramp", (-5, -1), (-3, 1), path="/World/Ramp")]
    changes = touches([group("workers", touch(other_colliders=("ramp", "gate")))], {"workers_0": (0, 0)}, stage)
    assert changes((4, 0)) == []
    assert changes((-4, 0)) == [("workers_0", "enter", "ramp", "/World/Ramp")]


def test_without_names_anything_counts_but_the_floor(touches):
    floor = zone("", (-20, -20), (20, 20), bottom=-1.0, top=0.0, path="/World/Floor")
    wall = zone("", (3, -5), (3, 5), path="/World/Wall")
    ceiling = zone("", (-20, -20), (20, 20), bottom=3.0, top=4.0, path="/World/Ceiling")
    changes = touches([group("workers", touch())], {"workers_0": (0, 0)}, [floor, wall, ceiling])
    assert changes((0, 0)) == []
    assert changes((2.5, 0)) == [("workers_0", "enter", "", "/World/Wall")]


def test_a_named_plane_on_the_floor_is_a_zone(touches):
    mark = zone("mark", (3, -1), (5, 1), bottom=0.0, top=0.0)
    changes = touches([group("workers", touch(other_colliders=("mark",)))], {"workers_0": (0, 0)}, [mark])
    assert [name for _, _, name, _ in changes((4, 0))] == ["mark"]


def test_a_person_against_a_person_fires_for_both(touches):
    changes = touches([group("workers", touch(), num=2)], {"workers_0": (0, 0), "workers_1": (9, 0)})
    assert changes() == []
    path = "/World/Characters/workers/workers_"
    # The two cylinders meet before either reaches a body.
    assert changes((0, 0), (1.9, 0)) == [
        ("workers_0", "enter", "sense", f"{path}1"),
        ("workers_1", "enter", "sense", f"{path}0"),
    ]
    assert changes((0, 0), (1.0, 0)) == []  # one thing is met once, however many of its colliders touch


@pytest.mark.parametrize("name", ["visitors", "visitors_0"])
def test_a_body_answers_to_its_group_and_to_its_own_name(touches, name):
    groups = [group("workers", touch(other_colliders=(name,))), group("visitors", colliders=())]
    changes = touches(groups, {"workers_0": (0, 0), "visitors_0": (9, 0)})
    assert changes() == []
    assert changes((0, 0), (1.3, 0)) == []
    assert changes((0, 0), (1.2, 0)) == [("workers_0", "enter", "visitors", "/World/Characters/visitors/visitors_0")]


def test_a_box_turns_with_its_actor(touches):
    groups = [group("workers", touch("box"), colliders=(BOX,)), group("visitors", colliders=())]
    changes = touches(groups, {"workers_0": (0, 0), "visitors_0": (0, 2)})
    assert changes(yaws=[0.0, 0.0]) == []
    assert [kind for _, kind, *_ in changes(yaws=[np.pi / 2, 0.0])] == ["enter"]


def test_what_is_on_another_floor_is_not_touched(people):
    groups = {"workers": group("workers", touch(), num=2)}
    specs = [people.actor_spec("workers_0", 0, 0), people.actor_spec("workers_1", 0, 0)]
    headings = np.array([[1.0, 0.0], [1.0, 0.0]])
    for height, count in ((1.7, 2), (1.8, 0)):
        places = np.array([[0.0, 0.0, 0.0], [0.5, 0.0, height]])
        assert len(Touches(specs, groups).changes(places, headings)) == count


def test_the_order_is_that_of_actors_triggers_and_things(touches):
    stage = [zone(name, (-1, -1), (1, 1), path=f"/World/{name}") for name in "BA"]
    groups = [group("workers", touch(other_colliders=("A",)), touch(), num=2)]
    changes = touches(groups, {"workers_0": (0, 0), "workers_1": (30, 0)}, stage)
    assert [(actor, path[-1]) for actor, _, _, path in changes((0, 0), (0, 9))] == [
        *(("workers_0", "A"), ("workers_0", "B"), ("workers_0", "A"))
    ]


def test_many_touches_are_those_that_one_by_one_comparison_finds(people):
    rng = np.random.default_rng(5)
    count = 60
    groups = {
        "workers": group("workers", touch(), touch("box", other_colliders=("workers", "dock")), colliders=(SENSE, BOX))
    }
    specs = [people.actor_spec(f"workers_{index}", 0, 0) for index in range(count)]
    corners = rng.uniform(-14, 14, (40, 2))
    stage = [zone("dock", low, low + rng.uniform(0.1, 6, 2), path=f"/World/Z{k:02}") for k, low in enumerate(corners)]
    stage.append(zone("dock", (-100, 8), (100, 200), path="/World/Wide"))
    places = np.pad(rng.uniform(-15, 15, (count, 2)), ((0, 0), (0, 1)))
    angles = rng.uniform(-3, 3, count)
    headings = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    together = Touches(specs, groups, stage).changes(places, headings)
    found = {(one.actor, one.trigger.self_collider, one.other_prim_path) for one in together}
    alone = set()
    for index in range(count):
        for other in range(count):
            if other != index:
                pair = [index, other]
                watch = Touches([specs[index], specs[other]], groups)
                for one in watch.changes(places[pair], headings[pair]):
                    if one.actor == 0:
                        alone.add((index, one.trigger.self_collider, one.other_prim_path))
        for prim in stage:
            for one in Touches([specs[index]], groups, [prim]).changes(places[[index]], headings[[index]]):
                alone.add((index, one.trigger.self_collider, one.other_prim_path))
    assert found == alone
    assert len(found) > 200


def test_a_simulated_person_reacts_in_the_step_in_which_the_touch_begins(plane, people):
    workers = group("workers", touch(other_colliders=("dock",)), routines=(walk((8.0, 0.0), (0.0, 0.0)),))
    simulation = Simulation(
        seed=1,
        navmesh=plane,
        specs=[people.actor_spec("workers_0", 0, 0)],
        groups=[workers],
        stage_colliders=[zone("dock", (3, -1), (5, 1))],
    )
    before = 0.0
    while not simulation.events:
        before = float(simulation.states()[0].position[0])
        simulation.step()
        assert simulation.frame < 200
    fired = simulation.events[0]
    assert (fired.kind, fired.frame, fired.prim_path) == ("trigger_fired", simulation.frame - 1, workers_path(0))
    assert before + 1.0 >= 3.0 > before + 1.0 - 1.5 / 30  # the first frame in which the cylinder reaches the zone
    assert simulation.states()[0].task == "Idle"
    assert fired.details["cause"] == {
        "self_collider": "sense",
        "touch": "enter",
        "other_collider": "dock",
        "other_prim_path": "/World/Zone",
        "other_actor": None,
    }


def workers_path(index):
    return f"/World/Characters/workers/workers_{index}"
