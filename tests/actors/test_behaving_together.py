"""Behaviors that need others, or things that only one can have: sitting, queueing, following, walking as a party."""

import numpy as np
import pytest

from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.config import model
from isaacsim_agent_ext.scene.place import Place

STEP = 1 / 30


def group(name, num, *routines, triggers=()):
    return model.CharacterGroup(name=name, num=num, asset_path="", routines=tuple(routines), triggers=tuple(triggers))


def stop(seconds=1000.0):
    return model.CharacterStop(time_range=(seconds, seconds))


def patrol(*points, speed=1.2, **common):
    points = tuple((*point, 0.0) for point in points)
    return model.CharacterPatrol(speed_range=(speed, speed), path_points=points, **common)


def chair(x, y, front=0.0):
    return Place(np.array([x, y, 0.0]), size=np.array([0.4, 0.4, 0.9]), seat=np.array([x, y, 0.45]), front=front)


def sit(*prims, seconds=5.0, **common):
    return model.CharacterSit(
        target_prims=prims or None, time_range=(seconds, seconds), speed_range=(1.2, 1.2), **common
    )


def queue(*points, service=3.0, name=None):
    points = tuple((*point, 0.0) for point in points)
    return model.CharacterQueue(name=name, path_points=points, time_range=(service, service), speed_range=(1.2, 1.2))


@pytest.fixture
def start(people):
    """Make a simulation: ``start(navmesh, groups, poses, prims)``."""

    def start(navmesh, groups, poses, prims=None, **more):
        specs = [people.actor_spec(name, *pose) for name, pose in poses.items()]
        return Simulation(seed=1, navmesh=navmesh, specs=specs, groups=groups, locate=(prims or {}).__getitem__, **more)

    return start


class Film:
    """Every step's states, by actor."""

    def __init__(self, simulation, seconds):
        self.simulation, self.rows = simulation, []
        for _ in range(round(seconds / STEP)):
            simulation.step()
            self.rows.append({state.spec.name: state for state in simulation.states()})

    def position(self, name):
        return np.array([row[name].position for row in self.rows])

    def task(self, name):
        return [row[name].task for row in self.rows]

    def seated(self, name):
        return np.array([0.0 if row[name].seating is None else row[name].seating.share for row in self.rows])

    def yaw(self, name):
        return np.array([row[name].yaw for row in self.rows])


# ---- sitting ---------------------------------------------------------------------------------------------------


def test_who_sits_walks_there_turns_its_back_and_stands_up_again(plane, start, floor):
    room = floor((-20, -20, 20, 20), [(1.5, -0.5, 2.5, 0.5)])
    film = Film(start(room, [group("a", 1, sit("/Chair"))], {"a_0": (-2, 0)}, {"/Chair": chair(2, 0)}), 20)
    seated = film.seated("a_0")
    assert (seated[: int(14 / STEP)] == 1.0).sum() == pytest.approx(5.0 / STEP, abs=2)
    middle = int(np.flatnonzero(seated == 1.0)[50])
    assert film.rows[middle]["a_0"].position[0] == pytest.approx(2.0 + 0.33, abs=0.05)
    assert film.yaw("a_0")[middle] == pytest.approx(0.0, abs=0.01)
    assert film.task("a_0")[middle] == "Sit"
    assert set(np.diff(film.position("a_0")[:, 0])) != {0.0}
    moved = np.linalg.norm(np.diff(film.position("a_0")[:, :2], axis=0), axis=1)
    assert moved.max() < 1.3 * STEP, "nobody jumps onto a seat"


def test_a_seat_is_for_one_at_a_time(plane, start):
    groups = [group("a", 2, sit("/Chair"))]
    film = Film(start(plane, groups, {"a_0": (-2, 1), "a_1": (-2, -1)}, {"/Chair": chair(2, 0)}), 40)
    both = (film.seated("a_0") > 0) & (film.seated("a_1") > 0)
    assert not both.any()
    assert film.seated("a_0").max() == film.seated("a_1").max() == 1.0


def test_who_finds_no_free_seat_says_so_after_a_minute(plane, start):
    groups = [group("a", 1, sit("/Chair", seconds=1000.0)), group("b", 1, sit("/Chair"))]
    simulation = start(plane, groups, {"a_0": (2.8, 0), "b_0": (-2, 0)}, {"/Chair": chair(2, 0)})
    Film(simulation, 66)
    assert any("no free seat among /Chair" in warning.message for warning in simulation.warnings)


def test_a_seat_out_of_reach_is_reported(plane, start, floor):
    walled = floor((-20, -20, 20, 20), [(0, -20, 20, 20)])
    simulation = start(walled, [group("a", 1, sit("/Chair"))], {"a_0": (-2, 0)}, {"/Chair": chair(10, 0)})
    Film(simulation, 3)
    assert "no seat that can be reached among /Chair" in simulation.warnings[0].message


def test_called_away_one_stands_up_first_and_gives_the_seat_to_others(plane, start):
    alarm = model.TimeTrigger(time=8.0, priority=2, behavior=(patrol((-8, 0)), stop(20.0)))
    groups = [group("a", 1, sit("/Chair", seconds=100.0), triggers=[alarm]), group("b", 1, sit("/Chair"))]
    poses = {"a_0": (2.8, 0.5), "b_0": (-2, 3)}
    film = Film(start(plane, groups, poses, {"/Chair": chair(2, 0)}), 20)
    first = film.seated("a_0")
    assert first[int(7.9 / STEP)] == 1.0
    rising = first[int(8.1 / STEP) : int(9.3 / STEP)]
    assert (np.diff(rising) < 0).all(), "it gets up, and is not lifted off"
    assert film.seated("b_0").max() == 1.0
    assert film.position("a_0")[-1, 0] == pytest.approx(-8.0, abs=0.3)


def test_an_interrupted_trigger_sits_down_again_if_the_seat_is_still_free(plane, start):
    rest = model.TimeTrigger(time=0.0, behavior=(sit("/Chair", seconds=10.0),))
    call = model.TimeTrigger(time=8.0, priority=2, behavior=(stop(1.0),))
    groups = [group("a", 1, stop(), triggers=[rest, call])]
    film = Film(start(plane, groups, {"a_0": (2.8, 0)}, {"/Chair": chair(2, 0)}), 25)
    assert (film.seated("a_0") == 1.0).sum() == pytest.approx(10.0 / STEP, abs=4)


# ---- queueing --------------------------------------------------------------------------------------------------


def served(film, name, spot):
    """The steps in which somebody stands at the head of the queue."""
    return np.flatnonzero(np.hypot(*(film.position(name)[:, :2] - spot).T) < 0.25)


def test_people_are_served_in_the_order_in_which_they_came(plane, start):
    names = [f"a_{k}" for k in range(5)]
    once = model.TimeTrigger(time=0.0, behavior=(queue((0, 0), (-0.8, 0), (-1.6, 0)), patrol((4, 8))))
    poses = {name: (-4.0 - 2.0 * k, 0.0) for k, name in enumerate(names)}
    film = Film(start(plane, [group("a", 5, stop(), triggers=[once])], poses), 50)
    first = [served(film, name, (0, 0)).min(initial=10**6) for name in names]
    assert first == sorted(first)
    assert first[-1] < 10**6, "everybody gets their turn"
    for name in names:
        steps = served(film, name, (0, 0))
        assert len(steps) * STEP >= 3.0


def test_who_stands_in_line_looks_ahead(plane, start):
    poses = {"a_0": (-2, 0), "a_1": (-4, 0)}
    simulation = start(plane, [group("a", 2, queue((0, 0), (-1, 0), service=30.0))], poses)
    film = Film(simulation, 12)
    assert film.position("a_1")[-1, :2] == pytest.approx([-1, 0], abs=0.25)
    assert film.yaw("a_1")[-1] == pytest.approx(0.0, abs=0.05)
    assert film.yaw("a_0")[-1] == pytest.approx(0.0, abs=0.05)


def test_two_groups_share_a_queue_by_its_name(plane, start):
    line = ((0, 0), (-1, 0), (-2, 0))
    groups = [group("a", 1, queue(*line, name="canteen")), group("b", 1, queue(*line, name="canteen"))]
    film = Film(start(plane, groups, {"a_0": (-3, 0), "b_0": (-5, 0)}), 30)
    at_head = [set(served(film, name, (0, 0))) for name in ("a_0", "b_0")]
    assert at_head[0]
    assert at_head[1]
    assert not at_head[0] & at_head[1]


# ---- following -------------------------------------------------------------------------------------------------


def follow(target, distance=1.5, speed=1.6):
    return model.CharacterFollow(
        target=target, distance=distance, time_range=(1000.0, 1000.0), speed_range=(speed, speed)
    )


def test_who_follows_keeps_the_distance_at_the_others_pace(plane, start):
    groups = [group("a", 1, patrol((15, 0), speed=1.0)), group("b", 1, follow("a_0"))]
    film = Film(start(plane, groups, {"a_0": (-10, 0), "b_0": (-14, 0)}), 20)
    gap = np.linalg.norm(film.position("a_0") - film.position("b_0"), axis=1)[300:]
    assert gap == pytest.approx(1.5, abs=0.25)
    speeds = np.linalg.norm(np.diff(film.position("b_0")[300:], axis=0), axis=1) / STEP
    assert speeds == pytest.approx(1.0, abs=0.15), "at an even pace"


def test_who_follows_somebody_who_stands_stands_and_looks_at_them(plane, start):
    groups = [group("a", 1, stop()), group("b", 1, follow("/World/Characters/a/a_0", distance=2.0))]
    film = Film(start(plane, groups, {"a_0": (0, 5), "b_0": (0, -5)}), 12)
    assert film.position("b_0")[-1, :2] == pytest.approx([0, 3], abs=0.3)
    assert film.yaw("b_0")[-1] == pytest.approx(np.pi / 2, abs=0.02)
    assert np.ptp(film.position("b_0")[-30:], axis=0) == pytest.approx(0.0, abs=1e-3)


# ---- parties ---------------------------------------------------------------------------------------------------


def party(size=3, spacing=0.9, distance=(8.0, 12.0), speed=1.0):
    walk = model.Walk(speed_range=(speed, speed), distance_range=distance, navigation_areas=())
    pause = (model.IdleOption(animation="idle", time_range=(2.0, 2.0)),)
    return model.CharacterGroupWalk(size=size, spacing=spacing, walk=walk, idle=pause)


def test_a_party_walks_side_by_side(plane, start):
    poses = {f"a_{k}": (2.0 * k, 0) for k in range(3)}
    film = Film(start(plane, [group("a", 3, party())], poses), 60)
    leader, others = film.position("a_0"), [film.position(f"a_{k}") for k in (1, 2)]
    walks = np.linalg.norm(np.diff(leader[:, :2], axis=0), axis=1) > 0.8 * STEP
    assert walks.sum() > 600
    beside = [np.linalg.norm(other - leader, axis=1)[1:][walks] for other in others]
    assert np.median(beside[0]) == pytest.approx(0.9, abs=0.2)
    assert np.median(beside[1]) == pytest.approx(0.9, abs=0.2)
    assert max(gaps.max() for gaps in beside) < 4.0, "nobody is left behind"


def test_a_party_falls_in_line_at_a_door(floor, start):
    hall = floor((-10, -5, 10, 5), [(-0.3, -5, 0.3, -0.3), (-0.3, 0.3, 0.3, 5)])
    poses = {f"a_{k}": (-6.0, 1.0 - k) for k in range(3)}
    once = model.TimeTrigger(time=0.0, behavior=(party(distance=(10.0, 11.0)),))
    simulation = start(hall, [group("a", 3, party(distance=(10.0, 14.0)), triggers=[once])], poses)
    film = Film(simulation, 90)
    through = [np.flatnonzero(np.diff(np.sign(film.position(f"a_{k}")[:, 0]))) for k in range(3)]
    assert all(len(steps) for steps in through), "everybody comes through"
    assert simulation.warnings == []


def test_everything_is_the_same_again(plane, start):
    groups = [
        group("a", 3, party()),
        group("b", 2, queue((0, 0), (-1, 0))),
        group("c", 1, follow("b_1")),
        group("d", 2, sit("/Chair", seconds=3.0)),
    ]
    poses = {f"a_{k}": (2.0 * k, 6) for k in range(3)} | {f"b_{k}": (-3.0 - k, 0) for k in range(2)}
    poses |= {"c_0": (-9, 3), "d_0": (5, -5), "d_1": (7, -5)}
    films = [Film(start(plane, groups, poses, {"/Chair": chair(2, -8)}), 20) for _ in range(2)]
    for name in poses:
        np.testing.assert_array_equal(films[0].position(name), films[1].position(name))
