"""Any tree that is read can be carried out, always the same way."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.config.model import CharacterStop, EventTrigger, RunTree

SLOT = {"type": "BlackboardRef", "value": "goal"}
STOP = CharacterStop(time_range=(0.2, 0.6))

points = st.tuples(st.floats(-18, 18), st.floats(-18, 18), st.just(0.0)).map(list)
targets = points | st.just(SLOT) | st.sampled_from(["/World/Shelf", "/World/Characters/actors/actors_1"])
seconds = st.floats(0.0, 1.5)

PORTS = {
    "Wait": {"duration": seconds},
    "SetBlackboard": {"slot": st.just("goal"), "value": points | st.just("text")},
    "LogMessage": {"message": st.just("here")},
    "DispatchEvent": {"event_name": st.sampled_from(["alarm", "other"])},
    "PushQueue": {"queue": st.just("queue"), "item": points},
    "PopQueue": {"queue": st.just("queue"), "item": st.just("goal")},
    "Idle": {"facing": targets, "duration": seconds},
    "MoveTo": {"target": targets},
    "Follow": {"target": st.just("/World/Characters/actors/actors_1")},
    "LookAt": {"target": targets, "duration": seconds},
    "RobotMoveTo": {"target_position": points},
    "RobotTurn": {"direction": points},
    "RobotIdle": {"duration": seconds},
    "RobotPlayAnimation": {"state_name": st.sampled_from(["lift_up", "idle"]), "duration": seconds},
}
MODIFIERS = {
    "Repeat": {"count": st.integers(0, 3), "break_on_failure": st.booleans()},
    "Retry": {"max_retries": st.integers(0, 2)},
    "InvertStatus": {},
    "ForceStatus": {"status": st.sampled_from(["success", "failure"])},
    "Delay": {"duration": seconds},
    "Timeout": {"duration": seconds},
    "BlackboardEquals": {"slot": st.just("goal"), "value": st.just("text")},
}
COMPOSITES = {
    "Sequence": {},
    "Selector": {"shuffle": st.booleans()},
    "Parallel": {"success_count": st.integers(-1, 3), "failure_count": st.integers(-1, 3)},
}
FOR_ROBOTS = [name for name in PORTS if name not in ("Idle", "MoveTo", "Follow", "LookAt")]
FOR_PEOPLE = [name for name in PORTS if not name.startswith("Robot")]


def filled(table, names):
    return st.sampled_from(sorted(names)).flatmap(
        lambda name: st.tuples(st.just(name), st.fixed_dictionaries(table[name]))
    )


def modifiers():
    return st.lists(filled(MODIFIERS, MODIFIERS), max_size=2, unique_by=lambda one: one[0])


def tree_shapes(names):
    leaves = st.tuples(filled(PORTS, names), modifiers(), st.just(()))
    return st.recursive(
        leaves,
        lambda inner: st.tuples(filled(COMPOSITES, COMPOSITES), modifiers(), st.lists(inner, min_size=1, max_size=3)),
        max_leaves=8,
    )


def written(trees, shape):
    (kind, ports), wraps, children = shape
    wraps = [trees.part(name, **values) for name, values in wraps]
    return trees.node(kind, *(written(trees, child) for child in children), modifiers=wraps, **ports)


def history(trees, root, **how):
    alarm = EventTrigger(event="alarm", priority=2, behavior=(STOP,))
    other = EventTrigger(event="other", behavior=(RunTree(path="tree.json"),))
    shelf = {"/World/Shelf": np.array([2.0, 2.0, 0.0])}
    played = trees.Played(root, num=2, triggers=(alarm, other), prims=shelf, **how)
    rows = []
    for step in range(150):
        if step == 40:
            played.simulation.dispatch("alarm")
        played.simulation.step()
        rows.append(np.concatenate([state.position for state in played.simulation.states()]))
    return np.array(rows), played.kinds


def check(trees, shape, **how):
    root = written(trees, shape)
    positions, kinds = history(trees, root, **how)
    again, kinds_again = history(trees, root, **how)
    assert np.isfinite(positions).all()
    assert np.array_equal(positions, again)
    assert kinds == kinds_again


@settings(max_examples=25, deadline=None)
@given(shape=tree_shapes(FOR_PEOPLE))
def test_any_tree_of_people_can_be_carried_out_and_repeats_itself(trees_module, shape):
    check(trees_module, shape)


@settings(max_examples=15, deadline=None)
@given(shape=tree_shapes(FOR_ROBOTS))
def test_any_tree_of_robots_can_be_carried_out_and_repeats_itself(trees_module, shape):
    check(trees_module, shape, robots=True)
