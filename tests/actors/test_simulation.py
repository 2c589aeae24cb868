import numpy as np
import pytest

from isaacsim_agent_ext.actors.crowd import STEP
from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterPatrol, CharacterStop


def stopping(name, *seconds):
    routines = tuple(CharacterStop(time_range=(time, time)) for time in seconds)
    return CharacterGroup(name=name, num=1, asset_path="", routines=routines)


def walking(name, *points, speed=1.0):
    routines = (CharacterPatrol(speed_range=(speed, speed), path_points=points),)
    return CharacterGroup(name=name, num=1, asset_path="", routines=routines)


def test_frame_zero_is_the_spawn_pose_without_a_task(plane, people):
    simulation = people.simulate(plane, [stopping("a", 1.0)], poses={"a_0": (1.0, 2.0, 0.5)})
    (state,) = simulation.states()
    assert (simulation.frame, simulation.time) == (0, 0.0)
    assert state.position.tolist() == [1, 2, 0]
    assert state.yaw == pytest.approx(0.5)
    assert state.task is None
    assert state.speed == 0.0


def test_every_step_is_a_thirtieth_of_a_second(plane, people):
    group = walking("a", (15.0, 0.0, 0.0), speed=1.2)
    simulation = people.simulate(plane, [group], poses={"a_0": (-5.0, 0.0, 0.0)})
    for _ in range(120):
        simulation.step()
    before = simulation.states()[0].position
    simulation.step()
    state = simulation.states()[0]
    assert simulation.frame == 121
    assert simulation.time == pytest.approx(121 / 30)
    assert state.position - before == pytest.approx([1.2 / 30, 0, 0])
    assert state.velocity == pytest.approx([1.2, 0, 0])
    assert (state.task, STEP) == ("MoveTo", 1 / 30)


def test_an_idle_of_one_second_takes_thirty_steps(plane, people):
    idle = stopping("a", 1.0)
    simulation = people.simulate(plane, [idle], poses={"a_0": (0.0, 0.0, 0.0)})
    ages = []
    for _ in range(65):
        simulation.step()
        ages.append(simulation.states()[0].animation_time)
    assert ages[0] == pytest.approx(STEP)
    assert [round(age * 30) for age in ages] == [*range(1, 31), *range(1, 31), *range(1, 6)]


def test_a_patrol_is_walked_through(plane, people):
    points = ((3.0, 0.0, 0.0), (3.0, 3.0, 0.0), (0.0, 0.0, 0.0))
    simulation = people.simulate(plane, [walking("a", *points)], poses={"a_0": (0.0, 0.0, 0.0)})
    log = people.run(simulation, 480)
    nearest = [np.linalg.norm(log.position[:, 0] - point, axis=1) for point in points]
    visits = [int((distance < 0.01).argmax()) for distance in nearest[:2]]
    assert 0 < visits[0] < visits[1]
    assert nearest[2][visits[1] :].min() < 0.01


def test_the_same_run_gives_the_same_bits(warehouse, people):
    def trajectory():
        log = people.run(people.simulate(warehouse, [people.wanderers("workers", 25)], seed=9), 240)
        return log.position.tobytes() + log.velocity.tobytes() + log.heading.tobytes()

    assert trajectory() == trajectory()


def test_the_seed_changes_the_run(warehouse, people):
    logs = [people.run(people.simulate(warehouse, [people.wanderers("w", 5)], seed=seed), 90) for seed in (1, 2)]
    assert not np.allclose(logs[0].position[-1], logs[1].position[-1])


@pytest.mark.parametrize("first", [True, False])
def test_a_group_far_away_changes_no_bit_of_what_others_do(floor, people, first):
    """Neither a group after nor one before them, which shifts everybody's index."""
    navmesh = floor((0, 0, 60, 20), [(29, 0, 31, 20)], {"west": (0, 0, 28, 20), "east": (32, 0, 60, 20)})
    workers = people.wanderers("workers", 20, areas=("west",), spawn_areas=("west",))
    guests = people.wanderers("guests", 15, areas=("east",), spawn_areas=("east",))
    alone = people.run(people.simulate(navmesh, [workers]), 300)
    both = people.simulate(navmesh, [guests, workers] if first else [workers, guests])
    together = people.run(both, 300)
    mine = slice(15, 35) if first else slice(0, 20)
    assert together.position[:, mine].tobytes() == alone.position.tobytes()
    assert together.heading[:, mine].tobytes() == alone.heading.tobytes()


def test_people_in_reach_of_each_other_do_change_each_other(warehouse, people):
    workers = people.wanderers("workers", 30)
    alone = people.run(people.simulate(warehouse, [workers]), 300)
    together = people.run(people.simulate(warehouse, [workers, people.wanderers("guests", 30)]), 300)
    same = (together.position[:, :30] == alone.position).all(axis=-1)
    assert same[0].mean() > 0.8  # until they meet
    assert same[:30].mean() > 0.5
    assert same[-1].mean() < 0.9


def test_a_goal_that_is_given_up_is_a_warning_with_place_and_cause(floor, people):
    corridor = floor((0, 0, 12, 0.2))
    groups = [walking("walker", (11.0, 0.1, 0.0)), stopping("guard", 999.0)]
    simulation = people.simulate(corridor, groups, poses={"walker_0": (1, 0.1, 0), "guard_0": (6, 0.1, 0)})
    given_up = []
    while not given_up and simulation.frame < 4000:
        simulation.step()
        given_up = [record for record in simulation.warnings if record.kind == "goal_given_up"]
    (warning,) = given_up
    assert warning.actor == "walker_0"
    assert "(11.00, 0.10, 0.00)" in warning.message
    assert "guard_0" in warning.message


def test_a_warning_is_given_once(floor, people):
    simulation = people.simulate(floor((0, 0, 5, 5)), [walking("a", (90.0, 0.0, 0.0))], poses={"a_0": (1, 1, 0)})
    people.run(simulation, 200)
    (warning,) = simulation.warnings
    assert str(warning) == f"frame 0: a_0: {warning.message}"


def test_nobody_at_all(plane):
    simulation = Simulation(seed=1, navmesh=plane, specs=[], groups=[])
    simulation.step()
    assert (simulation.frame, simulation.states()) == (1, ())


def test_prims_to_patrol_are_looked_up_before_the_run(plane, people):
    def locate(prim_path):
        raise LookupError(prim_path)

    routines = (CharacterPatrol(speed_range=(1, 1), target_prims=("/World/Nowhere",)),)
    group = CharacterGroup(name="a", num=1, asset_path="", routines=routines)
    with pytest.raises(LookupError, match="/World/Nowhere"):
        people.simulate(plane, [group], poses={"a_0": (0, 0, 0)}, locate=locate)


def test_wrong_input_is_refused(plane, people):
    spec = people.actor_spec("a_0", 0.0, 0.0)
    with pytest.raises(ValueError, match="'a_0'"):
        Simulation(seed=1, navmesh=plane, specs=[spec, spec], groups=[stopping("a", 1.0)])
    with pytest.raises(ValueError, match=r"unknown groups \['a'\]"):
        Simulation(seed=1, navmesh=plane, specs=[spec], groups=[stopping("b", 1.0)])
