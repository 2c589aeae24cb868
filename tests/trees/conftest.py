"""Trees written as Python, run by people and robots on a flat floor."""

import importlib.util
import json
from pathlib import Path

import pytest

from isaacsim_agent_ext.actors.simulation import Simulation
from isaacsim_agent_ext.actors.trees.library import modifiers_by_name, nodes_by_name
from isaacsim_agent_ext.actors.trees.load import Mover, build_tree
from isaacsim_agent_ext.actors.trees.places import read_json
from isaacsim_agent_ext.config.model import CharacterGroup, RobotGroup, RunTree
from isaacsim_agent_ext.scene.place import Place


def _module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FLOORS = _module("trees_floors", Path(__file__).parents[1] / "actors" / "conftest.py")
DRIVING = _module("trees_driving", Path(__file__).parents[1] / "robots" / "driving_floor.py")

LIFTING = {
    **DRIVING.TRANSITIONS,
    "idle": (*DRIVING.TRANSITIONS["idle"], "lift_up", "lift_down"),
    "lift_up": ("idle",),
    "lift_down": ("idle",),
}
RUN = RunTree(path="tree.json", for_ever=True)


def part(kind, name=None, **ports):
    """A node or modifier as in a file."""
    known = nodes_by_name().get(kind) or modifiers_by_name()[kind]
    return {"type": kind, "source": known.library, "name": name or kind, "portOverrides": ports}


def node(kind, *children, name=None, modifiers=(), **ports):
    data = part(kind, name, **ports)
    if children:
        data["children"] = [dict(child) for child in children]
        for number, child in enumerate(data["children"]):
            if [other["name"] for other in data["children"]].count(child["name"]) > 1:
                child["name"] += f"_{number}"
    return {**data, "modifiers": list(modifiers)} if modifiers else data


def document(root, name="tree.json"):
    libraries = [{"name": "omni.behavior.tree.core", "version": "1.0"}]
    data = {"schemaVersion": "2.0.0", "nodeLibraries": libraries, "root": root}
    return read_json(json.dumps(data, indent=1), name)


def read(root, overrides=None, **mover):
    """Return the tree of a file with that root, and its warnings."""
    return build_tree(document(root), Mover(**mover), overrides)


class Played:
    """A simulation of people or robots who run a tree."""

    def __init__(
        self, root, *, robots=False, num=1, triggers=(), prims=None, places=None, seed=1, routines=None, group="actors"
    ):
        bounds = (-15, -15, 15, 15)
        if robots:
            specs = [DRIVING.robot(f"{group}/{i}", 0.0, 3.0 * i, transitions=LIFTING) for i in range(num)]
            make = RobotGroup
            own = {"config_file_path": "r.yaml", "agent_radius": 0.5}
        else:
            specs = [FLOORS.actor_spec(f"{group}_{i}", 0.0, 3.0 * i) for i in range(num)]
            make, own = CharacterGroup, {"asset_path": ""}
        mover = {"actors": "robots", "states": tuple(LIFTING)} if robots else {}
        whole = {"behavior_tree": "tree.json"} if routines is None else {}
        self.group = make(name=group, num=num, routines=routines or (RUN,), triggers=triggers, **whole, **own)
        self.simulation = Simulation(
            seed=seed,
            navmesh=FLOORS.FloorNavMesh(bounds),
            specs=specs,
            groups=[self.group],
            locate=lambda path: (places or {}).get(path) or Place(position=prims[path]),
            trees={("tree.json", None): read(root, **mover)[0]},
        )

    def steps(self, count):
        for _ in range(count):
            self.simulation.step()
        return self

    def seconds(self, seconds):
        return self.steps(round(seconds * 30))

    def until(self, kind, limit=60.0):
        """Run until something is taken down; returns when [s]."""
        while self.simulation.time < limit:
            self.simulation.step()
            for record in self.simulation.events:
                if record.kind == kind:
                    return record.frame / 30
        raise AssertionError(f"{kind} did not happen; {[str(one) for one in self.simulation.events]}")

    @property
    def kinds(self):
        return [record.kind for record in self.simulation.events]

    @property
    def messages(self):
        return [record.message for record in self.simulation.events if record.kind == "tree_message"]

    @property
    def failure(self):
        """The reason of the first failure."""
        return next(record for record in self.simulation.events if record.kind == "tree_failed").details

    @property
    def state(self):
        return self.simulation.states()[0]

    def tasks(self, seconds):
        """Return what the first actor does, each change once."""
        tasks = []
        for _ in range(round(seconds * 30)):
            self.simulation.step()
            if not tasks or tasks[-1] != self.state.task:
                tasks.append(self.state.task)
        return tasks


class Helpers:
    """The helpers of this file."""

    part, node, document, read = map(staticmethod, (part, node, document, read))
    Played, LIFTING, RUN = Played, LIFTING, RUN


@pytest.fixture
def trees():
    return Helpers


@pytest.fixture(scope="session")
def trees_module():
    """The same for property tests, which take fixtures of the session only."""
    return Helpers
