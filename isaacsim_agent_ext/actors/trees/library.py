"""The table of all nodes and modifiers that a behavior tree can have.

Names, ports and defaults follow the libraries whose trees can be read: ``omni.behavior.tree.core``,
``omni.anim.behavior.tree`` and ``isaacsim.anim.robot.bt_nodes``. What is marked as ours is not in them. The reference
page and the JSON Schema of tree files are written from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from isaacsim_agent_ext.actors.trees.ports import (
    ANY,
    BOOL,
    FLOAT,
    FLOAT2,
    FLOAT3,
    INT,
    PRIM,
    REQUIRED,
    SLOT,
    TEXT,
    Port,
)

CORE = "omni.behavior.tree.core"
HUMAN = "omni.anim.behavior.tree"
ROBOT = "isaacsim.anim.robot.bt_nodes"
OURS = "isaacsim_agent_ext"

COMPOSITE, ACTION, MODIFIER = "composite", "action", "modifier"
PEOPLE, ROBOTS = "people", "robots"


@dataclass(frozen=True, slots=True)
class NodeType:
    """A kind of node or modifier.

    Attributes:
        name: As in the ``type`` of a tree file.
        library: As in its ``source``.
        role: `COMPOSITE` (has children), `ACTION` (has none) or `MODIFIER` (wraps a node).
        description: What it does, for the reference.
        ports: Its inputs.
        actors: Whom it moves, `PEOPLE` or `ROBOTS`; None for both.
        refused: Why a tree with it cannot be carried out, and what to do instead; empty when it can.
    """

    name: str
    library: str
    role: str
    description: str
    ports: tuple[Port, ...] = ()
    actors: str | None = None
    refused: str = ""

    def port(self, name: str) -> Port | None:
        """Return a port by its name, or None when there is none."""
        return next((port for port in self.ports if port.name == name), None)


def _duration(default: float, description: str, *, ours: bool = False) -> Port:
    return Port("duration", (FLOAT,), description, default, unit="s", minimum=0.0, ours=ours)


_BRAKE = Port("auto_brake", (BOOL,), "People always slow down before their goal; false is told as a warning.", True)
_NO_HANDS = "people cannot carry things here yet; walk to the place by MoveTo, and wait there"

_COMPOSITES = (
    NodeType("Sequence", CORE, COMPOSITE, "Runs its children in order; fails when one fails."),
    NodeType(
        "Selector",
        CORE,
        COMPOSITE,
        "Runs its children in order until one succeeds; fails when none does.",
        (Port("shuffle", (BOOL,), "Draw the order anew each time, from the actor's random stream.", False),),
    ),
    NodeType(
        "Parallel",
        CORE,
        COMPOSITE,
        "Runs its children side by side, and ends, with those that still run, as soon as a count is reached. An actor "
        "has one body: children that move it take turns, in the order in which they ask.",
        (
            Port("success_count", (INT,), "It succeeds once so many children have; -1 stands for all.", -1, minimum=-1),
            Port("failure_count", (INT,), "It fails once so many children have; -1 stands for all.", 1, minimum=-1),
        ),
    ),
)

_CORE_ACTIONS = (
    NodeType("Wait", CORE, ACTION, "Waits, then succeeds.", (_duration(1.0, "How long."),)),
    NodeType(
        "SetBlackboard",
        CORE,
        ACTION,
        "Writes a value to a slot of a blackboard; without a value it empties the slot.",
        (
            Port("slot", (SLOT,), "Where to write.", REQUIRED),
            Port("value", (ANY,), "What to write."),
        ),
    ),
    NodeType(
        "LogMessage",
        CORE,
        ACTION,
        "Puts a message into the record of events.",
        (Port("message", (TEXT,), "The message.", REQUIRED),),
    ),
    NodeType(
        "DispatchEvent",
        CORE,
        ACTION,
        "Announces an event: triggers that wait for it fire in the next step, and observers outside hear it.",
        (
            Port("event_name", (TEXT,), "The event's name.", REQUIRED),
            Port("payload_key", (TEXT,), "Key of the payload that holds the blackboard's value; empty for none.", ""),
            Port("blackboard_key", (TEXT,), "Key of the local blackboard whose value to send.", ""),
        ),
    ),
    NodeType(
        "PushQueue",
        CORE,
        ACTION,
        "Appends an item to a queue on a blackboard, which begins empty.",
        (
            Port("queue", (SLOT,), "The slot that holds the queue.", REQUIRED),
            Port("item", (ANY,), "What to append.", REQUIRED),
            Port("unique", (BOOL,), "Append nothing when the item is in the queue already.", False),
        ),
    ),
    NodeType(
        "PopQueue",
        OURS,
        ACTION,
        "Takes the first item off a queue and writes it to a slot; fails when the queue is empty.",
        (
            Port("queue", (SLOT,), "The slot that holds the queue.", REQUIRED),
            Port("item", (SLOT,), "Where to write the item.", REQUIRED),
        ),
    ),
)

_HUMAN_ACTIONS = (
    NodeType(
        "Idle",
        HUMAN,
        ACTION,
        "Stands and idles.",
        (
            Port("facing", (FLOAT3, PRIM), "A point or prim to turn to first."),
            _duration(0.0, "How long; 0 ends as soon as the person faces there."),
        ),
        PEOPLE,
    ),
    NodeType(
        "MoveTo",
        HUMAN,
        ACTION,
        "Walks to a point, a prim or an actor; who moves is followed until reached. Fails when there is no way.",
        (
            Port("target", (FLOAT3, PRIM), "Where to go.", REQUIRED),
            _BRAKE,
            Port("speed", (FLOAT,), "Walking speed.", 1.0, unit="m/s", minimum=0.1, ours=True),
        ),
        PEOPLE,
    ),
    NodeType(
        "MoveAlong",
        HUMAN,
        ACTION,
        "Walks along a curve prim (`BasisCurves`). Fails when a part of it cannot be walked.",
        (
            Port("target", (PRIM,), "The curve.", REQUIRED),
            Port("start_from_closest_point", (BOOL,), "Begin at the nearest point of the curve, not its first.", False),
            _BRAKE,
            Port("speed", (FLOAT,), "Walking speed.", 1.0, unit="m/s", minimum=0.1, ours=True),
        ),
        PEOPLE,
    ),
    NodeType(
        "Follow",
        HUMAN,
        ACTION,
        "Keeps behind an actor or a prim, without end: put it into a Timeout or a Parallel.",
        (
            Port("target", (PRIM,), "Whom or what to follow.", REQUIRED),
            Port("distance", (FLOAT,), "How far behind; negative for 1 m.", -1.0, unit="m"),
            Port("speed", (FLOAT,), "Walking speed at most.", 1.4, unit="m/s", minimum=0.1, ours=True),
        ),
        PEOPLE,
    ),
    NodeType(
        "LookAt",
        HUMAN,
        ACTION,
        "Turns to a prim or an actor.",
        (
            Port("target", (FLOAT3, PRIM), "What to look at.", REQUIRED),
            _duration(0.0, "How long to stand so; 0 ends as soon as the person faces there."),
        ),
        PEOPLE,
    ),
    NodeType(
        "Sit",
        HUMAN,
        ACTION,
        "Walks to a seat, sits down, stays, and stands up. Fails when the seat is taken or out of reach.",
        (
            Port("target", (PRIM,), "The seat.", REQUIRED),
            Port("snap_to_seat", (BOOL,), "The hips come to rest on the seat either way.", False),
            _duration(5.0, "How long to sit.", ours=True),
            Port("speed", (FLOAT,), "Walking speed on the way.", 1.0, unit="m/s", minimum=0.1, ours=True),
        ),
        PEOPLE,
    ),
    NodeType(
        "Dodge",
        HUMAN,
        ACTION,
        "Leaps aside.",
        (
            Port("direction", (FLOAT3,), "Where to.", (0.0, 0.0, 1.0)),
            Port("motion_scale", (FLOAT,), "How far.", 1.0),
        ),
        PEOPLE,
        refused="people have no leap aside here; they avoid each other on their own, and MoveTo takes a step",
    ),
    NodeType(
        "Fall",
        HUMAN,
        ACTION,
        "Falls to the ground.",
        (),
        PEOPLE,
        refused="people have no ragdoll here; remove the node",
    ),
    NodeType(
        "PickupObject",
        HUMAN,
        ACTION,
        "Picks an object up.",
        (
            Port("target", (PRIM,), "The object.", REQUIRED),
            Port("snap_to_hand", (BOOL,), "Whether it jumps to the hand.", False),
        ),
        PEOPLE,
        refused=_NO_HANDS,
    ),
    NodeType(
        "PlaceObject",
        HUMAN,
        ACTION,
        "Puts an object down.",
        (Port("target", (PRIM,), "The object.", REQUIRED), Port("xform", (PRIM,), "Where.", REQUIRED)),
        PEOPLE,
        refused=_NO_HANDS,
    ),
    NodeType(
        "ReleaseObject",
        HUMAN,
        ACTION,
        "Lets go of an object.",
        (Port("target", (PRIM,), "The object.", REQUIRED),),
        PEOPLE,
        refused=_NO_HANDS,
    ),
    NodeType(
        "ReachHand",
        HUMAN,
        ACTION,
        "Stretches a hand out.",
        (Port("target", (FLOAT3, PRIM), "Towards what."),),
        PEOPLE,
        refused="hands do not reach for anything here yet; LookAt turns the person there",
    ),
)

_ROBOT_ACTIONS = (
    NodeType(
        "RobotMoveTo",
        ROBOT,
        ACTION,
        "Drives to a prim, an actor or a point; who moves is followed until reached. Fails when there is no way.",
        (
            Port("target_object", (PRIM,), "The prim or actor; wins over the position.", ""),
            Port("target_position", (FLOAT3,), "The point.", (0.0, 0.0, 0.0), unit="m"),
        ),
        ROBOTS,
    ),
    NodeType(
        "RobotTurn",
        ROBOT,
        ACTION,
        "Turns in place.",
        (Port("direction", (FLOAT3,), "Where to face; its z does not count.", (1.0, 0.0, 0.0)),),
        ROBOTS,
    ),
    NodeType("RobotIdle", ROBOT, ACTION, "Stands still.", (_duration(0.0, "How long."),), ROBOTS),
    NodeType(
        "RobotPlayAnimation",
        ROBOT,
        ACTION,
        "Plays the animation of one of the robot's own states, such as `lift_up`. Fails when there is no such state.",
        (
            Port("state_name", (TEXT,), "The state.", REQUIRED),
            _duration(0.0, "How long to stay in it; 0 plays the animation once."),
        ),
        ROBOTS,
    ),
)

_MODIFIERS = (
    NodeType(
        "Repeat",
        CORE,
        MODIFIER,
        "Runs the node again and again, at most once per step. A failure is told as a warning and does not end it.",
        (
            Port("count", (INT,), "How often; 0 for ever.", 0, minimum=0),
            Port("break_on_failure", (BOOL,), "Fail as soon as the node fails.", False),
        ),
    ),
    NodeType(
        "Retry",
        CORE,
        MODIFIER,
        "Runs the node again when it fails.",
        (
            Port("max_retries", (INT,), "How often; 0 until it succeeds.", 0, minimum=0),
            Port("reset_on_success", (BOOL,), "Count anew after a success; else retries are spent for good.", True),
        ),
    ),
    NodeType("InvertStatus", CORE, MODIFIER, "Turns success into failure and failure into success."),
    NodeType(
        "ForceStatus",
        CORE,
        MODIFIER,
        "Ends as it is told, whatever the node says.",
        (Port("status", (TEXT,), "How to end.", "success", choices=("success", "failure")),),
    ),
    NodeType("Delay", CORE, MODIFIER, "Waits before the node runs.", (_duration(1.0, "How long."),)),
    NodeType("Timeout", CORE, MODIFIER, "Fails when the node still runs after a time.", (_duration(1.0, "The time."),)),
    NodeType(
        "BlackboardEquals",
        OURS,
        MODIFIER,
        "Runs the node only if a slot holds a value; fails otherwise.",
        (
            Port("slot", (SLOT,), "The slot to look at.", REQUIRED),
            Port("value", (ANY,), "What it has to hold.", REQUIRED),
        ),
    ),
    NodeType(
        "RandomNavMeshPoint",
        HUMAN,
        MODIFIER,
        "Gives the node a random reachable point, drawn from the actor's random stream, as its target.",
        (Port("radius", (FLOAT2,), "How far from the actor, least and most.", (2.0, 10.0), unit="m", minimum=0.0),),
    ),
    NodeType(
        "RobotIsInState",
        ROBOT,
        MODIFIER,
        "Runs the node only if the robot is in a state when it would begin; fails otherwise.",
        (Port("state_name", (TEXT,), "The state, such as `idle`.", REQUIRED),),
        ROBOTS,
    ),
)

NODE_TYPES = (*_COMPOSITES, *_CORE_ACTIONS, *_HUMAN_ACTIONS, *_ROBOT_ACTIONS, *_MODIFIERS)
"""All of them, in the order of the reference."""

RANDOM_TARGETS = {"MoveTo": "target", "RobotMoveTo": "target_position"}
"""The port that RandomNavMeshPoint gives a value to, by the node's type."""


@cache
def nodes_by_name() -> dict[str, NodeType]:
    """Return composites and actions by name."""
    return {kind.name: kind for kind in NODE_TYPES if kind.role != MODIFIER}


@cache
def modifiers_by_name() -> dict[str, NodeType]:
    """Return modifiers by name."""
    return {kind.name: kind for kind in NODE_TYPES if kind.role == MODIFIER}
