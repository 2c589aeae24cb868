"""What each node does, as a test that reads like the reference."""

import math

import numpy as np
import pytest

from isaacsim_agent_ext.config.model import CharacterStop, EventTrigger, RobotHalt, RunTree, TimeTrigger
from isaacsim_agent_ext.scene.place import Place


def log(trees, text):
    return trees.node("LogMessage", name=f"Say {text}", message=text)


def wait(trees, seconds):
    return trees.node("Wait", duration=seconds)


def go(trees, x, y=0.0, **more):
    return trees.node("MoveTo", target=[x, y, 0.0], **more)


FAIL = {"target": [900.0, 0.0, 0.0]}  # off the floor


def fail(trees, **more):
    return trees.node("MoveTo", name="Astray", **FAIL, **more)


# ---- composites ------------------------------------------------------------------------------------------------


def test_a_sequence_runs_in_order_and_succeeds(trees):
    played = trees.Played(trees.node("Sequence", log(trees, "a"), wait(trees, 1.0), log(trees, "b")))
    assert played.until("tree_succeeded") == pytest.approx(1.0)
    assert played.messages == ["a", "b"]


def test_a_sequence_ends_with_its_first_failure(trees):
    played = trees.Played(trees.node("Sequence", log(trees, "a"), fail(trees), log(trees, "b"))).seconds(1)
    assert played.messages == ["a"]
    assert played.failure["node"] == "/Sequence/Astray"
    assert "(900.00, 0.00, 0.00) is off the walkable floor" in played.failure["reason"]


def test_a_selector_ends_with_its_first_success(trees):
    played = trees.Played(trees.node("Selector", fail(trees), log(trees, "b"), log(trees, "c")))
    played.until("tree_succeeded")
    assert played.messages == ["b"]


def test_a_selector_fails_when_all_children_do(trees):
    assert trees.Played(trees.node("Selector", fail(trees), fail(trees))).until("tree_failed") == 0.0


def test_a_shuffled_selector_draws_its_order_from_the_seed(trees):
    def orders(seed):
        children = [log(trees, text) for text in "abcdef"]
        root = trees.node("Selector", *children, shuffle=True, modifiers=[trees.part("Repeat", count=12)])
        played = trees.Played(root, seed=seed)
        played.until("tree_succeeded")
        return played.messages

    assert len(set(orders(1))) > 2
    assert orders(1) == orders(1)
    assert orders(1) != orders(2)


def test_a_parallel_runs_side_by_side(trees):
    root = trees.node(
        "Parallel", wait(trees, 2.0), trees.node("Sequence", wait(trees, 0.5), log(trees, "a")), go(trees, 3.0)
    )
    played = trees.Played(root).seconds(1.0)
    assert played.messages == ["a"]
    assert played.state.task == "MoveTo"
    assert played.until("tree_succeeded") == pytest.approx(3.5, abs=1.0)
    assert played.state.position[0] == pytest.approx(3.0, abs=1e-3)


def test_a_parallel_of_waits_takes_as_long_as_the_longest(trees):
    played = trees.Played(trees.node("Parallel", wait(trees, 2.0), wait(trees, 0.3), wait(trees, 1.1)))
    assert played.until("tree_succeeded") == pytest.approx(2.0)


def test_one_body_does_one_movement_at_a_time(trees):
    played = trees.Played(trees.node("Parallel", go(trees, 2.0), go(trees, 2.0, 2.0)))
    played.until("tree_succeeded")
    assert played.state.position[:2] == pytest.approx([2.0, 2.0], abs=1e-3)


def test_who_waits_for_the_body_has_it_before_who_asks_again(trees):
    again = trees.node("Idle", duration=0.5, modifiers=[trees.part("Repeat")])
    late = trees.node("Sequence", wait(trees, 1.2), go(trees, 1.0), log(trees, "there"))
    played = trees.Played(trees.node("Parallel", again, late)).seconds(4.0)
    assert played.messages == ["there"]


def test_a_parallel_succeeds_with_enough_successes_and_drops_the_rest(trees):
    root = trees.node(
        "Sequence", trees.node("Parallel", wait(trees, 0.5), go(trees, 9.0), success_count=1), log(trees, "on")
    )
    played = trees.Played(root)
    assert played.until("tree_succeeded") == pytest.approx(0.5)
    assert played.seconds(2.0).state.position[0] < 1.0


def test_a_parallel_fails_with_enough_failures(trees):
    one = trees.Played(trees.node("Parallel", wait(trees, 5.0), fail(trees)))
    assert one.until("tree_failed") == 0.0
    late = trees.node("Sequence", wait(trees, 1.0), fail(trees))
    two = trees.Played(trees.node("Parallel", fail(trees), late, wait(trees, 5.0), failure_count=2))
    assert two.until("tree_failed") == pytest.approx(1.0)


# ---- time, blackboards, events ---------------------------------------------------------------------------------


def test_a_wait_of_nothing_takes_no_time(trees):
    assert trees.Played(trees.node("Sequence", wait(trees, 0.0), wait(trees, 0.0))).until("tree_succeeded") == 0.0


def test_a_port_takes_its_value_from_the_blackboard(trees):
    bound = {"type": "omni::BlackboardRef", "value": {"blackboard": "local", "key": "goal"}}
    root = trees.node(
        "Sequence",
        trees.node("SetBlackboard", slot="goal", value={"type": "carb::Float3", "value": [2.0, 1.0, 0.0]}),
        trees.node("MoveTo", target=bound),
    )
    played = trees.Played(root)
    played.until("tree_succeeded")
    assert played.state.position[:2] == pytest.approx([2.0, 1.0], abs=1e-3)


def test_an_empty_or_wrong_slot_fails_the_node(trees):
    bound = {"type": "BlackboardRef", "value": "goal"}
    played = trees.Played(trees.node("MoveTo", target=bound)).steps(1)
    assert played.failure["reason"] == "the blackboard has no value at goal"
    wrong = trees.node(
        "Sequence", trees.node("SetBlackboard", slot="goal", value=3), trees.node("MoveTo", target=bound)
    )
    assert "port target, from the blackboard at goal: found 3" in trees.Played(wrong).steps(1).failure["reason"]


def test_actors_of_a_group_share_a_blackboard_and_keep_one_each(trees):
    shared = {"blackboard": "shared", "key": "jobs"}
    root = trees.node(
        "Sequence",
        trees.node("PushQueue", queue=shared, item="job"),
        trees.node("PushQueue", queue="own", item="mine"),
        wait(trees, 0.1),
        trees.node("PopQueue", queue=shared, item="got"),
        trees.node("PopQueue", queue="own", item="got"),
        trees.node("PopQueue", queue="own", item="got"),
    )
    played = trees.Played(root, num=2).seconds(1)
    assert played.failure["reason"] == "the queue at own is empty"
    assert played.simulation._company.shared["actors"]["jobs"] == []


def test_a_queue_is_first_in_first_out_and_can_keep_items_once(trees):
    push = [trees.node("PushQueue", queue="q", item=item, unique=True) for item in ("a", "b", "a")]
    pop = [
        trees.node("PopQueue", queue="q", item="x"),
        trees.node("LogMessage", message={"type": "BlackboardRef", "value": "x"}),
    ]
    played = trees.Played(trees.node("Sequence", *push, *pop, *pop, *pop)).steps(1)
    assert played.messages == ["a", "b"]
    assert played.failure["reason"] == "the queue at q is empty"


def test_a_queue_that_a_tree_sets_is_whole_in_every_round_and_for_everybody(trees):
    pop = trees.node("PopQueue", queue="jobs", item="job")
    root = trees.node(
        "Sequence",
        trees.node("SetBlackboard", slot="jobs", value=[[1, 0, 0], [2, 0, 0]]),
        pop,
        pop,
        trees.node("LogMessage", message="all done"),
        modifiers=[trees.part("Repeat", count=3)],
    )
    played = trees.Played(root, num=2).seconds(1)
    assert played.messages == ["all done"] * 6


def test_points_on_a_blackboard_are_equal_however_they_are_written(trees):
    setting = trees.node("SetBlackboard", slot="goal", value={"type": "carb::Float3", "value": [1, 2, 0]})
    gate = [trees.part("BlackboardEquals", slot="goal", value=[1, 2, 0])]
    tell = trees.node("DispatchEvent", event_name="at", payload_key="where", blackboard_key="goal", modifiers=gate)
    played = trees.Played(trees.node("Sequence", setting, tell)).steps(1)
    (record,) = [record for record in played.simulation.events if record.kind == "event_dispatched"]
    assert record.details["payload"] == {"where": [1.0, 2.0, 0.0]}


def test_an_event_reaches_triggers_of_others_in_the_next_step(trees):
    root = trees.node(
        "Sequence",
        wait(trees, 0.5),
        trees.node("SetBlackboard", slot="who", value="me"),
        trees.node("DispatchEvent", event_name="alarm", payload_key="by", blackboard_key="who"),
    )
    behavior = (trees.RUN,)
    played = trees.Played(root, triggers=(EventTrigger(event="alarm", behavior=behavior),)).seconds(0.6)
    dispatched = next(record for record in played.simulation.events if record.kind == "event_dispatched")
    fired = next(record for record in played.simulation.events if record.kind == "trigger_fired")
    assert dispatched.details == {"dispatched": "alarm", "payload": {"by": "me"}}
    assert fired.frame == dispatched.frame + 1
    assert fired.details["cause"] == {"event": "alarm", "payload": {"by": "me"}}


# ---- people ----------------------------------------------------------------------------------------------------


def test_idle_turns_to_what_it_faces_and_stands(trees):
    played = trees.Played(trees.node("Idle", facing=[0.0, 5.0, 0.0], duration=1.0))
    assert played.until("tree_succeeded") > 1.0
    assert played.state.yaw == pytest.approx(math.pi / 2, abs=0.02)


def test_a_person_walks_to_a_prim_and_looks_at_another(trees):
    prims = {"/World/Shelf": (3.0, 0.0, 0.0), "/World/Door": (3.0, -4.0, 0.0)}
    root = trees.node(
        "Sequence", trees.node("MoveTo", target="/World/Shelf"), trees.node("LookAt", target="/World/Door")
    )
    played = trees.Played(root, prims={path: np.array(place) for path, place in prims.items()})
    played.until("tree_succeeded")
    assert played.state.position[0] == pytest.approx(3.0, abs=1e-2)
    assert played.state.yaw == pytest.approx(-math.pi / 2, abs=0.02)


def test_a_person_walks_up_to_an_actor_who_walks_away(trees):
    meet = trees.node("MoveTo", target="/World/Characters/actors/actors_1", speed=2.0)
    leave = trees.node("MoveTo", target=[9.0, 9.0, 0.0], speed=0.8)
    bound = trees.node("Selector", trees.node("Sequence", meet), leave)
    played = trees.Played(bound, num=2)
    played.until("tree_succeeded")
    one, other = (state.position for state in played.simulation.states())
    assert math.dist(one[:2], other[:2]) <= 1.5


def test_a_follow_goes_on_until_its_time_is_up(trees):
    follow = trees.node(
        "Follow", target="/World/Characters/actors/actors_1", modifiers=[trees.part("Timeout", duration=2.0)]
    )
    played = trees.Played(follow, num=2)
    assert played.until("tree_failed") == pytest.approx(2.0, abs=0.05)
    assert played.failure["node"] == "/Follow:Timeout"


# ---- robots ----------------------------------------------------------------------------------------------------


def test_a_robot_drives_turns_and_idles(trees):
    root = trees.node(
        "Sequence",
        trees.node("RobotMoveTo", target_position=[3.0, 0.0, 0.0]),
        trees.node("RobotTurn", direction=[0.0, -1.0, 0.0]),
        trees.node("RobotIdle", duration=1.0),
    )
    played = trees.Played(root, robots=True)
    played.until("tree_succeeded")
    assert played.state.position[0] == pytest.approx(3.0, abs=1e-3)
    assert played.state.yaw == pytest.approx(-math.pi / 2, abs=0.02)


def test_an_object_wins_over_a_position(trees):
    root = trees.node("RobotMoveTo", target_object="/World/Dock", target_position=[-3.0, 0.0, 0.0])
    played = trees.Played(root, robots=True, prims={"/World/Dock": np.array([2.0, 0.0, 0.0])})
    played.until("tree_succeeded")
    assert played.state.position[0] == pytest.approx(2.0, abs=1e-3)


def test_a_robot_goes_through_a_state_of_its_own(trees):
    root = trees.node(
        "Sequence", trees.node("RobotPlayAnimation", state_name="lift_up", duration=1.0), log(trees, "up")
    )
    played = trees.Played(root, robots=True)
    assert "LiftUp" in played.tasks(0.8)
    played.until("tree_succeeded")
    assert played.messages == ["up"]


def test_a_node_runs_only_in_a_state_of_the_robot(trees):
    def gate(state):
        return [trees.part("RobotIsInState", state_name=state)]

    root = trees.node(
        "Selector",
        trees.node("LogMessage", message="up", modifiers=gate("lift_up")),
        trees.node("LogMessage", message="idle", modifiers=gate("idle")),
    )
    assert trees.Played(root, robots=True).steps(2).messages == ["idle"]


# ---- modifiers -------------------------------------------------------------------------------------------------


def test_repeat_counts_completions(trees):
    root = trees.node("Sequence", log(trees, "a"), wait(trees, 0.2), modifiers=[trees.part("Repeat", count=3)])
    played = trees.Played(root)
    assert played.until("tree_succeeded") == pytest.approx(0.6)
    assert played.messages == ["a"] * 3


def test_repeat_without_end_runs_what_takes_no_time_once_per_step(trees):
    played = trees.Played(trees.node("LogMessage", message="a", modifiers=[trees.part("Repeat")])).steps(50)
    assert len(played.messages) == 50


def test_repeat_goes_on_after_a_failure_and_says_so(trees):
    played = trees.Played(fail(trees, modifiers=[trees.part("Repeat")])).seconds(3)
    assert "goes on repeating /Astray (MoveTo)" in str(played.simulation.warnings[0])
    broken = trees.Played(fail(trees, modifiers=[trees.part("Repeat", break_on_failure=True)]))
    assert broken.until("tree_failed") == 0.0


def test_retry_runs_again_after_failures_as_often_as_it_may(trees):
    body = trees.node("Sequence", log(trees, "try"), fail(trees), modifiers=[trees.part("Retry", max_retries=2)])
    played = trees.Played(body)
    played.until("tree_failed")
    assert played.messages == ["try"] * 3


@pytest.mark.parametrize(("modifier", "ends"), [("InvertStatus", "tree_succeeded"), ("ForceStatus", "tree_succeeded")])
def test_a_failure_can_be_turned_into_success(trees, modifier, ends):
    assert trees.Played(fail(trees, modifiers=[trees.part(modifier)])).until(ends) == 0.0


def test_a_success_can_be_turned_into_failure(trees):
    inverted = trees.Played(log_with(trees, trees.part("InvertStatus"))).steps(1)
    assert inverted.failure["node"] == "/LogMessage:InvertStatus"
    forced = trees.Played(log_with(trees, trees.part("ForceStatus", status="failure"))).steps(1)
    assert forced.failure["node"] == "/LogMessage:ForceStatus"


def log_with(trees, *modifiers):
    return trees.node("LogMessage", message="a", modifiers=list(modifiers))


def test_delay_waits_first(trees):
    assert trees.Played(log_with(trees, trees.part("Delay", duration=1.5))).until("tree_message") == pytest.approx(1.5)


def test_timeout_ends_what_takes_too_long_and_frees_the_body(trees):
    slow = go(trees, 9.0, modifiers=[trees.part("Timeout", duration=1.0)])
    played = trees.Played(slow)
    assert played.until("tree_failed") == pytest.approx(1.0, abs=0.04)
    assert played.failure["reason"] == "/MoveTo (MoveTo) took longer than 1 s"
    quick = trees.Played(trees.node("Wait", duration=0.5, modifiers=[trees.part("Timeout", duration=1.0)]))
    assert quick.until("tree_succeeded") == pytest.approx(0.5)
    long = trees.Played(trees.node("Wait", duration=5.0, modifiers=[trees.part("Timeout", duration=1.0)]))
    assert long.until("tree_failed") == pytest.approx(1.0)


def test_the_first_modifier_is_the_outermost(trees):
    inside = [trees.part("ForceStatus", status="failure"), trees.part("Repeat", count=2)]
    assert trees.Played(log_with(trees, *inside)).seconds(1).messages[:2] == ["a", "a"]
    outside = [trees.part("Repeat", count=2, break_on_failure=True), trees.part("ForceStatus", status="failure")]
    assert trees.Played(log_with(trees, *outside)).steps(20).messages == ["a"]


def test_a_node_runs_only_if_the_blackboard_says_so(trees):
    gate = [trees.part("BlackboardEquals", slot="mood", value="good")]
    node = trees.node("LogMessage", message="a", modifiers=gate)
    assert "holds None at mood" in trees.Played(node).steps(1).failure["reason"]
    setting = trees.node("SetBlackboard", slot="mood", value="good")
    assert trees.Played(trees.node("Sequence", setting, node)).steps(1).messages == ["a"]


def test_random_points_lie_between_the_radii_and_come_from_the_seed(trees):
    def where(seed):
        root = trees.node(
            "MoveTo", target=[0.0, 0.0, 0.0], modifiers=[trees.part("RandomNavMeshPoint", radius=[3.0, 4.0])]
        )
        played = trees.Played(root, seed=seed)
        played.until("tree_succeeded")
        return tuple(played.state.position)

    assert 2.99 <= math.hypot(*where(1)[:2]) <= 4.01
    assert where(1) == where(1)
    assert where(1) != where(2)


def test_a_robot_draws_random_points_too(trees):
    root = trees.node("RobotMoveTo", modifiers=[trees.part("RandomNavMeshPoint", radius=[3.0, 4.0])])
    played = trees.Played(root, robots=True)
    played.until("tree_succeeded")
    assert 2.99 <= math.hypot(*played.state.position[:2]) <= 4.01


# ---- whole trees -----------------------------------------------------------------------------------------------


def test_a_tree_that_failed_starts_again_after_a_pause_and_is_told_once(trees):
    played = trees.Played(trees.node("Sequence", log(trees, "a"), fail(trees))).seconds(5)
    assert played.messages == ["a"] * 3
    assert [record.kind for record in played.simulation.warnings] == ["behavior"]
    assert str(played.simulation.warnings[0]) == (
        "frame 0: actors_0: the behavior tree tree.json failed: /Sequence/Astray (MoveTo) failed: "
        "(900.00, 0.00, 0.00) is off the walkable floor or cannot be reached"
    )


def test_a_tree_that_succeeded_leaves_its_actor_standing(trees):
    played = trees.Played(go(trees, 1.0))
    played.until("tree_succeeded")
    assert set(played.tasks(5)) == {"Idle"}


def test_a_routine_that_is_a_tree_runs_again_and_again(trees):
    root = trees.node("Sequence", log(trees, "a"), wait(trees, 0.5))
    played = trees.Played(root, routines=(RunTree(path="tree.json"),)).seconds(2.1)
    assert played.messages == ["a"] * 5


def test_a_trigger_interrupts_a_tree_which_then_goes_on(trees):
    stop = CharacterStop(time_range=(1.0, 1.0))
    root = trees.node("Sequence", wait(trees, 1.0), log(trees, "a"), go(trees, 3.0), log(trees, "b"))
    undisturbed = trees.Played(root)
    free = undisturbed.until("tree_succeeded")
    played = trees.Played(
        root, triggers=(TimeTrigger(time=0.5, behavior=(stop,)), TimeTrigger(time=3.0, behavior=(stop,)))
    )
    assert played.until("tree_succeeded") == pytest.approx(free + 2.0, abs=0.6)  # it has to start walking once more
    assert played.messages == ["a", "b"]
    assert played.kinds.count("trigger_completed") == 2


def test_an_interrupted_parallel_keeps_what_was_left_of_everything(trees):
    stop = CharacterStop(time_range=(2.0, 2.0))
    both = trees.node(
        "Parallel", trees.node("Idle", duration=1.0), trees.node("Sequence", wait(trees, 1.5), log(trees, "late"))
    )
    played = trees.Played(both, triggers=(TimeTrigger(time=0.5, behavior=(stop,)),))
    assert played.until("tree_succeeded") == pytest.approx(3.5, abs=0.05)


def test_a_tree_can_be_what_a_trigger_does(trees):
    root = trees.node("Sequence", log(trees, "a"), trees.node("RobotIdle", duration=0.5))
    alarm = EventTrigger(event="alarm", behavior=(RunTree(path="tree.json"),))
    played = trees.Played(root, robots=True, routines=(RobotHalt(time_range=(99.0, 99.0)),), triggers=(alarm,)).steps(3)
    played.simulation.dispatch("alarm")
    played.seconds(1)
    assert played.messages == ["a"]
    assert played.kinds[-1] == "trigger_completed"


# ---- curves and seats ------------------------------------------------------------------------------------------


def curve_of(trees, points, **more):
    root = trees.node("MoveAlong", target="/World/Curve", **more)
    return trees.Played(root, places={"/World/Curve": Place(position=np.zeros(3), curve=np.array(points, float))})


def test_a_person_walks_along_a_curve_from_its_first_point(trees):
    played = curve_of(trees, [(2, 0, 0), (4, 0, 0), (4, 3, 0)])
    seen = []
    while "tree_succeeded" not in played.kinds:
        played.steps(1)
        seen.append(played.state.position[:2].copy())
    assert played.state.position[:2] == pytest.approx([4.0, 3.0], abs=1e-2)
    assert min(math.dist(place, (4.0, 0.0)) for place in seen) < 0.6


def test_a_person_may_join_a_curve_where_it_is_nearest(trees):
    played = curve_of(trees, [(-9, 0, 0), (-0.5, 0, 0), (0.5, 2, 0)], start_from_closest_point=True)
    assert played.until("tree_succeeded") < 6.0


def test_a_curve_that_leaves_the_floor_fails_the_node(trees):
    played = curve_of(trees, [(2, 0, 0), (90, 0, 0)]).steps(1)
    assert "(90.00, 0.00, 0.00) on the curve /World/Curve is off the walkable floor" in played.failure["reason"]


def test_one_seat_takes_one_person(trees):
    chair = Place(position=np.array([3.0, 1.5, 0.0]), seat=np.array([3.0, 1.5, 0.45]), size=np.array([0.5, 0.5, 0.9]))
    sit = trees.node("Sit", target="/World/Chair", duration=3.0)
    played = trees.Played(sit, num=2, places={"/World/Chair": chair}).steps(1)
    assert played.failure["reason"] == "/World/Chair is taken by actors_0"
    seated = [played.steps(1).simulation.states()[0].seating for _ in range(360)]
    assert any(seating is not None for seating in seated)
    assert "tree_succeeded" in played.kinds
