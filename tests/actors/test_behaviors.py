import itertools

import numpy as np
import pytest

from isaacsim_agent_ext.actors.actions import Idle, MoveTo, Outcome
from isaacsim_agent_ext.actors.behaviors.registry import actions_of
from isaacsim_agent_ext.actors.routes import path_length, shape_path
from isaacsim_agent_ext.actors.routines import routine, sequence
from isaacsim_agent_ext.config.model import (
    Behavior,
    CharacterPatrol,
    CharacterStop,
    CharacterWander,
    IdleOption,
    Walk,
)
from isaacsim_agent_ext.randomness import stream


class Actor:
    """Somebody who is wherever its last walk ended, without a simulation."""

    def __init__(self, navmesh, position=(1.0, 1.0, 0.0), prims=()):
        self.name, self.navmesh = "workers_0", navmesh
        self.position = np.array(position)
        self.prims, self.warnings, self.streams = dict(prims), [], {}

    def shape(self, points):
        return shape_path(points, self.navmesh)

    def rng(self, purpose):
        return self.streams.setdefault(purpose, stream(7, "workers_0", purpose))

    def locate(self, prim_path):
        return np.array(self.prims[prim_path], float)

    def put_down_claims(self):
        return ()

    def warn(self, message):
        self.warnings.append(message)

    def act(self, actions, count=None):
        """Carry out actions at once and return them."""
        done, action = [], next(actions, None)
        while action is not None and (count is None or len(done) < count):
            done.append(action)
            if isinstance(action, MoveTo):
                assert action.path[0] == pytest.approx(self.position)
                self.position = action.goal.copy()
            try:
                action = actions.send(Outcome.DONE)
            except StopIteration:
                break
        return done


def wander(speed=(0.8, 1.5), distance=(3.0, 6.0), areas=(), idle=None, **common):
    idle = (IdleOption(animation="idle", time_range=(2.0, 5.0)),) if idle is None else idle
    walk = Walk(speed_range=speed, distance_range=distance, navigation_areas=areas)
    return CharacterWander(walk=walk, idle=idle, **common)


def test_a_wander_walks_one_leg_and_idles_within_the_ranges(warehouse):
    actor = Actor(warehouse)
    idle = (
        IdleOption(animation="idle", time_range=(2.0, 5.0), weight=3.0),
        IdleOption(animation="look_around", time_range=(1.0, 1.5), weight=1.0),
    )
    settings = wander(idle=idle)
    legs, pauses = [], []
    for _ in range(200):
        leg, pause = actor.act(actions_of(settings, actor))
        legs.append(leg)
        pauses.append(pause)
    lengths = np.array([path_length(leg.path) for leg in legs])
    speeds = np.array([leg.speed for leg in legs])
    assert 3.0 - 1e-6 <= lengths.min() < 3.3
    assert 5.7 < lengths.max() <= 6.0 + 1e-6
    assert 0.8 <= speeds.min() < 0.85
    assert 1.45 < speeds.max() <= 1.5
    assert all(2.0 <= pause.seconds <= 5.0 for pause in pauses if pause.animation == "idle")
    looks = [pause.seconds for pause in pauses if pause.animation == "look_around"]
    assert all(1.0 <= seconds <= 1.5 for seconds in looks)
    assert 30 < len(looks) < 70  # a quarter
    assert not actor.warnings
    assert all((warehouse.raycast(leg.path[:-1], leg.path[1:]) == 1.0).all() for leg in legs)


def test_a_wander_stays_in_its_areas_and_walks_into_them_first(floor):
    navmesh = floor((0, 0, 20, 10), areas={"dock": (12, 0, 20, 10)})
    actor = Actor(navmesh)
    legs = [actor.act(actions_of(wander(areas=("dock",)), actor))[0] for _ in range(30)]
    assert legs[0].path[0] == pytest.approx([1, 1, 0])
    for leg in legs[1:]:
        assert (leg.path[:, 0] >= 12 - 1e-6).all()
        assert leg.areas == ("dock",)


def test_a_floor_too_small_for_the_leg_gives_the_longest_way_and_a_warning(floor):
    actor = Actor(floor((0, 0, 3, 3)))
    leg, _ = actor.act(actions_of(wander(distance=(20.0, 30.0)), actor))
    assert 1.0 < path_length(leg.path) < 4.3
    assert "20 m" in actor.warnings[0]


def test_a_patrol_visits_its_points_in_order(warehouse):
    actor = Actor(warehouse)
    points = ((2.0, 20.0, 0.0), (38.0, 2.0, 0.0), (14.0, 12.0, 0.0))
    legs = actor.act(actions_of(CharacterPatrol(speed_range=(1.0, 1.2), path_points=points), actor))
    assert [leg.goal.tolist() for leg in legs] == [pytest.approx(point) for point in points]
    assert all(1.0 <= leg.speed <= 1.2 for leg in legs)
    assert len({leg.speed for leg in legs}) == 3


def test_a_patrol_visits_prims_where_they_are_now(plane):
    actor = Actor(plane, prims={"/World/A": (3, 0, 0), "/World/B": (6, 0, 0)})
    actions = actions_of(CharacterPatrol(speed_range=(1, 1), target_prims=("/World/A", "/World/B")), actor)
    assert next(actions).goal.tolist() == [3, 0, 0]
    actor.position, actor.prims["/World/B"] = np.array([3.0, 0, 0]), (9, 0, 0)
    assert actions.send(Outcome.DONE).goal.tolist() == [9, 0, 0]


def test_an_unreachable_waypoint_is_skipped_with_a_warning(floor):
    navmesh = floor((0, 0, 20, 10), [(9, 0, 10, 10)])  # the hall is cut in two
    actor = Actor(navmesh)
    points = ((15.0, 5.0, 0.0), (60.0, 5.0, 0.0), (5.0, 5.0, 0.0))
    legs = actor.act(actions_of(CharacterPatrol(speed_range=(1, 1), path_points=points), actor))
    assert [leg.goal.tolist() for leg in legs] == [[5, 5, 0]]
    assert "waypoint 1 (15, 5, 0)" in actor.warnings[0]
    assert "waypoint 2 (60, 5, 0)" in actor.warnings[1]


def test_a_waypoint_just_off_the_floor_means_the_nearest_point_on_it(floor):
    actor = Actor(floor((0, 0, 10, 10)))
    (leg,) = actor.act(actions_of(CharacterPatrol(speed_range=(1, 1), path_points=((11.0, 5.0, 0.0),)), actor))
    assert leg.goal.tolist() == [10, 5, 0]


def test_a_stop_idles(plane):
    actor = Actor(plane)
    times = [actor.act(actions_of(CharacterStop(time_range=(2, 4)), actor))[0].seconds for _ in range(100)]
    assert 2.0 <= min(times) < 2.2
    assert 3.8 < max(times) <= 4.0


def test_an_unknown_behavior_is_an_error_that_names_it(plane):
    with pytest.raises(TypeError, match=r"workers_0.*Behavior"):
        actions_of(Behavior(), Actor(plane))


@pytest.mark.parametrize(
    ("animation", "name"),
    [("idle", "Idle"), ("look_around", "LookAround"), ("wave", "Wave"), ("talkOnPhone", "TalkOnPhone")],
)
def test_action_names_follow_the_animations(animation, name):
    assert Idle(1.0, animation).name == name


def picks(behaviors, count, plane):
    """Names of the first picks of a routine of stops, told apart by their times."""
    actions = routine(behaviors, Actor(plane))
    return [action.seconds for action in itertools.islice(actions, count)]


def test_behaviors_are_picked_by_weight(plane):
    weights = {1.0: 1.0, 2.0: 3.0, 3.0: 6.0, 4.0: 0.0}
    behaviors = [CharacterStop(time_range=(time, time), weight=weight) for time, weight in weights.items()]
    seen = picks(behaviors, 4000, plane)
    assert 4.0 not in seen
    expected = {time: 4000 * weight / 10 for time, weight in weights.items() if weight}
    chi_square = sum((seen.count(time) - want) ** 2 / want for time, want in expected.items())
    assert chi_square < 13.8  # 0.1 % at two degrees of freedom


def test_behaviors_without_any_weight_are_equal(plane):
    behaviors = [CharacterStop(time_range=(time, time), weight=0.0) for time in (1.0, 2.0)]
    assert 150 < picks(behaviors, 400, plane).count(1.0) < 250


def test_a_behavior_is_repeated_before_the_next_pick(plane):
    behaviors = [CharacterStop(time_range=(1, 1), repeat=3), CharacterStop(time_range=(2, 2), repeat=2)]
    seen = picks(behaviors, 600, plane)
    runs = [(time, len(list(group))) for time, group in itertools.groupby(seen)][:-1]
    assert {time for time, _ in runs} == {1, 2}
    assert all(length % {1: 3, 2: 2}[int(time)] == 0 for time, length in runs)


def test_a_behavior_with_nothing_to_do_pauses(floor):
    actor = Actor(floor((0, 0, 5, 5)))
    nowhere = CharacterPatrol(speed_range=(1, 1), path_points=((50.0, 50.0, 0.0),))
    assert [action.name for action in itertools.islice(routine([nowhere], actor), 3)] == ["Idle"] * 3


def test_a_sequence_runs_everything_once_in_order(plane):
    behaviors = [CharacterStop(time_range=(t, t), weight=w, repeat=r) for t, w, r in ((1, 0, 1), (2, 9, 2), (3, 1, 1))]
    assert [action.seconds for action in sequence(behaviors, Actor(plane))] == [1, 2, 2, 3]
