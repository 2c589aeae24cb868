import itertools

import numpy as np
import pytest
from driving_floor import (
    FloorNavMesh,
    Log,
    halt,
    patrol,
    person,
    robot,
    robots,
    script,
    simulation,
    standing,
    wander,
    wanderers,
)

from isaacsim_agent_ext.config.model import EventTrigger, RobotPatrol, TimeTrigger
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene.place import Place


def alone(hall, *routines, steps=600, **how):
    return Log(simulation(hall, [robot("carters/c", 0, 0, **how)], [script("carters", *routines)]), steps)


def test_a_differential_drive_turns_in_place_and_then_drives_straight(hall):
    log = alone(hall, patrol((0, 5)))
    tasks = [task for task, _ in itertools.groupby(log.tasks())]
    assert tasks == ["Turn", "MoveTo", "Idle"]
    turning = np.array([task == "Turn" for task in log.tasks()])
    assert log.speed[turning].max() == 0.0
    moving = log.speed[:, 0] > 0.0
    assert abs(log.turn_rate[moving]).max() == 0.0
    np.testing.assert_allclose(log.yaw[moving], np.pi / 2, atol=1e-9)
    np.testing.assert_allclose(log.position[-1, 0], [0, 5, 0], atol=1e-9)


def test_it_keeps_its_limits_and_changes_speed_smoothly(hall):
    log = alone(hall, patrol((0, 5), (5, 5)), halt(), speed=0.8, turn=0.5)
    assert 0.79 < log.speed.max() <= 0.8 + 1e-9
    assert 0.49 < abs(log.turn_rate).max() <= 0.5 + 1e-9
    assert abs(np.diff(log.speed, axis=0)).max() * 30 < 1.5
    assert abs(np.diff(log.turn_rate, axis=0)).max() * 30 < 2.0


def test_an_omnidirectional_drive_turns_while_it_drives(hall):
    log = alone(hall, patrol((0, 5)), halt(), differential=False)
    assert "Turn" not in log.tasks()
    both = (log.speed > 0.05) & (abs(log.turn_rate) > 0.05)
    assert both.any()
    np.testing.assert_allclose(log.position[-1, 0], [0, 5, 0], atol=1e-9)


def test_corners_are_driven_around_at_the_paths_own_distance():
    floor = FloorNavMesh((-10, -10, 10, 10), boxes=[(2, -8, 4, 8)])
    log = alone(floor, patrol((8, 0)), halt(), steps=1800)
    np.testing.assert_allclose(log.position[-1, 0], [8, 0, 0], atol=1e-9)
    assert all(floor._free(log.position[:, 0, :2]))


def test_the_base_planner_goes_straight_whatever_stands_there():
    floor = FloorNavMesh((-10, -10, 10, 10), boxes=[(2, -8, 4, 8)])
    log = alone(floor, patrol((8, 0)), halt(), on_navmesh=False)
    np.testing.assert_allclose(log.position[:, 0, 1], 0.0, atol=1e-9)
    np.testing.assert_allclose(log.position[-1, 0], [8, 0, 0], atol=1e-9)


def test_forbidden_transitions_are_made_by_way_of_other_states(hall):
    via_idle = {
        "idle": ("turn_left", "turn_right", "forward"),
        **dict.fromkeys(("turn_left", "turn_right", "forward"), ("idle",)),
    }
    log = alone(hall, patrol((0, 5)), halt(), transitions=via_idle)
    np.testing.assert_allclose(log.position[-1, 0], [0, 5, 0], atol=1e-9)


def test_waypoints_out_of_reach_are_skipped_with_a_warning_that_names_robot_and_waypoint(hall):
    log = alone(hall, patrol((50, 0), (0, 3)))
    (warning,) = log.simulation.warnings
    assert warning.actor == "carters/c"
    assert "waypoint 1 (50, 0, 0)" in warning.message
    np.testing.assert_allclose(log.position[-1, 0], [0, 3, 0], atol=1e-9)


def test_patrols_visit_prims_and_refuse_those_that_do_not_exist(hall):
    def locate(path):
        if path == "/Dock":
            return Place(np.array([0.0, 4.0, 0.0]))
        raise SceneError(f"there is no prim {path}")

    def start(prim):
        group = script("carters", RobotPatrol(target_prims=(prim,)))
        return simulation(hall, [robot("carters/c", 0, 0)], [group], locate=locate)

    np.testing.assert_allclose(Log(start("/Dock"), 600).position[-1, 0], [0, 4, 0], atol=1e-9)
    with pytest.raises(SceneError, match="/Dok"):
        start("/Dok")


def test_triggers_interrupt_a_drive_which_goes_on_afterwards(hall):
    triggers = (
        TimeTrigger(time=3.0, priority=1, behavior=(halt(2.0),)),
        EventTrigger(event="alarm", priority=5, behavior=(halt(1.0),)),
    )
    group = robots("carters", patrol((0, 9)), triggers=triggers)
    sim = simulation(hall, [robot("carters/c", 0, 0, np.pi / 2)], [group])
    sim.dispatch("alarm", {"prim_path": "/World/Robots/somebody/else"})
    log = Log(sim, 900)
    assert log.speed[80, 0] > 0.5
    assert log.speed[120:150, 0].max() == 0.0
    assert "Idle" in log.tasks()[91:150]
    sim.dispatch("alarm")
    sim.step()
    assert [event.kind for event in sim.events][-1] == "trigger_started"
    # The routine that was interrupted is picked anew and driven to its end.
    np.testing.assert_allclose(log.position[-1, 0], [0, 9, 0], atol=1e-9)


def test_a_robot_waits_for_who_stands_in_its_way_and_gets_past(hall):
    specs = [person("crew_0", 4, 0), robot("carters/c", 0, 0)]
    log = Log(simulation(hall, specs, [standing("crew"), script("carters", patrol((8, 0)))]), 1200)
    assert log.smallest_gap > -0.011
    np.testing.assert_allclose(log.position[-1, 1], [8, 0, 0], atol=1e-9)


def test_robots_that_meet_head_on_pass_each_other(hall):
    specs = [robot("a/a", -6, 0), robot("b/b", 6, 0, np.pi)]
    groups = [script("a", patrol((6, 0))), script("b", patrol((-6, 0)))]
    log = Log(simulation(hall, specs, groups), 2400)
    assert log.smallest_gap > 0.0
    np.testing.assert_allclose(log.position[-1], [[6, 0, 0], [-6, 0, 0]], atol=0.3)


def test_a_robot_gives_up_a_goal_that_stays_taken_and_says_who_is_in_the_way():
    corridor = FloorNavMesh((-10, -0.4, 10, 0.4))
    specs = [robot("a/a", -6, 0), robot("b/b", 2, 0)]
    log = Log(simulation(corridor, specs, [script("a", patrol((6, 0))), robots("b")]), 2400)
    (warning,) = (record for record in log.simulation.warnings if record.kind == "goal_given_up")
    assert "b/b in the way" in warning.message
    assert log.smallest_gap > 0.0


@pytest.mark.parametrize("differential", [True, False])
def test_in_a_crowd_nobody_overlaps_and_everybody_gets_about(differential):
    floor = FloorNavMesh((-7, -7, 7, 7), boxes=[(-1, -3, 1, 3)])
    people = [person(f"crew_{i}", -6 + 1.3 * i, -6) for i in range(10)]
    fleet = [robot(f"r/{i}", -5 + 3 * i, 5, i, radius=0.4 + 0.1 * i, differential=differential) for i in range(4)]
    groups = [wanderers("crew", 10), robots("r", wander())]
    log = Log(simulation(floor, people + fleet, groups), 900)
    assert log.smallest_gap > -0.011
    travelled = np.linalg.norm(np.diff(log.position, axis=0), axis=-1).sum(axis=0)
    assert travelled.min() > 2.0


def test_robots_far_away_change_nothing_for_people():
    floor = FloorNavMesh((-40, -10, 40, 10))
    people = [person(f"crew_{i}", -38 + i, i % 5 - 2) for i in range(12)]
    crew = wanderers("crew", 12, distance=(2.0, 4.0))
    without = Log(simulation(floor, people, [crew]), 300)
    specs = [*people, robot("r/0", 36, 0, radius=2.0), robot("r/1", 30, 5)]
    together = Log(simulation(floor, specs, [crew, robots("r", wander(2.0, 4.0))]), 300)
    assert together.position[:, :12].tobytes() == without.position.tobytes()
    assert together.yaw[:, :12].tobytes() == without.yaw.tobytes()


def test_the_same_seed_gives_the_same_drive(hall):
    def run(seed):
        specs = [person("crew_0", -3, -3), robot("r/0", 0, 0), robot("r/1", 4, 4)]
        return Log(simulation(hall, specs, [wanderers("crew", 1), robots("r", wander())], seed=seed), 300).position

    assert run(1).tobytes() == run(1).tobytes()
    assert run(1).tobytes() != run(2).tobytes()


def test_states_handed_out_stay_as_they_were(hall):
    sim = simulation(hall, [robot("r/0", 0, 0)], [robots("r", patrol((5, 0)))])
    for _ in range(30):
        sim.step()
    before = sim.states()[0]
    place = before.position.copy()
    sim.step()
    assert (before.position == place).all()
    assert (sim.states()[0].position != place).any()
