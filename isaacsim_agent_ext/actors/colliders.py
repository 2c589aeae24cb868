"""Colliders: what touches what, found for all actors at once.

Every actor has a body, an upright cylinder of its radius and height, and the colliders of its group, which stand on
the floor around it and turn with it. All of them are convex outlines seen from above, with a bottom and a top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.actors.neighbors import neighbor_pairs
from isaacsim_agent_ext.actors.outlines import filled_up, overlap
from isaacsim_agent_ext.actors.resting_shapes import RestingShapes
from isaacsim_agent_ext.actors.shape_grid import runs
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import ActorGroup, BoxCollider, CollisionTrigger, CylinderCollider

NAME_ATTRIBUTE = "metro:collider:name"
"""The String attribute by which colliders on the stage have a name."""

FLOOR_MARGIN = 0.05
"""Prims without a name are not touched by what is less above the floor [m]: everybody stands on the floor. Prims with
a name are touched from as far above, so that a zone can be a mere plane on the floor."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StageCollider:
    """A prim of the stage that can be touched.

    Attributes:
        prim_path: The prim.
        name: Its `NAME_ATTRIBUTE`, or an empty text.
        outlines: ``(n, k, 2)`` convex outlines of its parts, seen from above; corners may be repeated to fill up [m].
        radii: ``(n,)`` what they are rounded by [m].
        heights: ``(n, 2)`` their bottoms and tops [m].
    """

    prim_path: str
    name: str
    outlines: np.ndarray
    radii: np.ndarray
    heights: np.ndarray


@dataclass(frozen=True, eq=False, slots=True)
class Touch:
    """A collider of an actor begins or ends touching something that its trigger reacts to.

    Attributes:
        actor: Whose collider, as an index.
        trigger: The trigger that watches it.
        begins: Whether it begins.
        other_collider: The name of the other collider: empty for a prim without one, the group's for a body.
        other_prim_path: The other actor's root prim, or the prim of the stage.
        other_actor: The other actor's name, or None for a prim of the stage.
    """

    actor: int
    trigger: CollisionTrigger
    begins: bool
    other_collider: str
    other_prim_path: str
    other_actor: str | None


@dataclass(frozen=True, eq=False, slots=True)
class _Shape:
    """A part of an actor.

    Attributes:
        actor: Whose, as an index.
        names: What triggers may call it, the first in records.
        outline: ``(k, 2)`` around the actor, +X along its heading [m].
        radius: What it is rounded by [m].
        height: Its top; all of them stand on the floor [m].
    """

    actor: int
    names: tuple[str, ...]
    outline: np.ndarray
    radius: float
    height: float


class Touches:
    """Watches the colliders of all collision triggers, and finds out what begins and ends touching them.

    A trigger sees each actor and each prim of the stage once, however many of its parts touch.

    Args:
        specs: The actors.
        groups: Their groups, by name.
        stage: What can be touched of the stage.
    """

    def __init__(
        self, specs: Sequence[ActorSpec], groups: Mapping[str, ActorGroup], stage: Sequence[StageCollider] = ()
    ):
        self._specs = specs
        self._stage = stage
        self._count = len(specs) + len(stage)
        self._watches = [
            (index, trigger)
            for index, spec in enumerate(specs)
            for trigger in groups[spec.group].triggers
            if isinstance(trigger, CollisionTrigger)
        ]
        self._touching = np.empty(0, np.int64)  # pairs of a watch and a thing, as one number, sorted
        self._touched: dict[int, int] = {}  # for each, the part of the actor touched
        if not self._watches:
            return
        wanted = list(dict.fromkeys(trigger.other_colliders for _, trigger in self._watches))
        parts = [shape for index, spec in enumerate(specs) for shape in _parts(index, spec, groups[spec.group])]
        own = {(shape.actor, shape.names[0]): shape for shape in parts}  # a collider goes before a body of its name
        self._own = _Moving([own[index, trigger.self_collider] for index, trigger in self._watches], len(specs))
        self._parts = [shape for shape in parts if any(_called(shape.names, names) for names in wanted)]
        self._others = _Moving(self._parts, len(specs))
        reacts = _table(wanted, [(prim.name,) for prim in stage])
        self._resting = _by_corners(
            [(number, prim) for number, prim in enumerate(stage) if reacts[:, number].any()], reacts
        )
        self._wanted = np.array([wanted.index(trigger.other_colliders) for _, trigger in self._watches])
        self._reacts = _table(wanted, [shape.names for shape in self._parts])

    def changes(self, positions: np.ndarray, headings: np.ndarray) -> list[Touch]:
        """Return what begins and ends touching since the call before, in the order of actors, triggers and things.

        Args:
            positions: ``(n, 3)`` where the actors are [m].
            headings: ``(n, 2)`` unit vectors.
        """
        if not self._watches:
            return []
        watches, things, parts = self._overlaps(positions, headings)
        pairs = watches * self._count + things
        order = np.lexsort((parts, pairs))
        touching, first = np.unique(pairs[order], return_index=True)
        touched = dict(zip(touching.tolist(), parts[order][first].tolist(), strict=True))
        changed = np.setxor1d(touching, self._touching, assume_unique=True).tolist()
        now, before = touched, self._touched
        changes = [self._touch(pair, now if pair in now else before, begins=pair in now) for pair in changed]
        self._touching, self._touched = touching, touched
        return [one for one in changes if (one.trigger.trigger_enter if one.begins else one.trigger.trigger_exit)]

    def _touch(self, pair: int, parts: Mapping[int, int], *, begins: bool) -> Touch:
        watch, thing = divmod(pair, self._count)
        actor, trigger = self._watches[watch]
        if thing < len(self._specs):
            other = self._specs[thing]
            return Touch(actor, trigger, begins, self._parts[parts[pair]].names[0], other.prim_path, other.name)
        prim = self._stage[thing - len(self._specs)]
        return Touch(actor, trigger, begins, prim.name, prim.prim_path, None)

    def _overlaps(self, positions: np.ndarray, headings: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which watches overlap what they react to: the watch, the thing, and the part of an actor or 0."""
        own, others = self._own, self._others
        outlines, heights = own.outlines(positions, headings), own.heights(positions)
        watches, parts = self._near_actors(positions)
        kept = self._reacts[self._wanted[watches], parts]
        kept &= _as_high(heights[watches], others.heights(positions)[parts])
        watches, parts = watches[kept], parts[kept]
        other_outlines = others.outlines(positions, headings)[parts]
        meet = overlap(outlines[watches], own.radii[watches], other_outlines, others.radii[parts])
        found = [(watches[meet], others.actors[parts[meet]], parts[meet])]
        for some in self._resting:
            watches, things = some.touching(outlines, own.radii, heights, self._wanted)
            found.append((watches, things + len(self._specs), np.zeros(len(things), np.int64)))
        watches, things, parts = (np.concatenate(column) for column in zip(*found, strict=True))
        return watches, things, parts

    def _near_actors(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs of a watch and a part of another actor that are near enough to look at closely."""
        own, others = self._own, self._others
        if not self._parts:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        reach = float(own.reach.max() + others.reach.max())
        one, two = neighbor_pairs(positions * [1.0, 1.0, 0.0], reach)  # heights are looked at closely
        one, two = np.concatenate([one, two]), np.concatenate([two, one])
        pair, watches = runs(own.first[one], own.count[one])
        place, parts = runs(others.first[two[pair]], others.count[two[pair]])
        watches = watches[place]
        apart = positions[own.actors[watches], :2] - positions[others.actors[parts], :2]
        both = own.reach[watches] + others.reach[parts]
        near = (apart * apart).sum(axis=1) <= both * both
        return watches[near], parts[near]


class _Moving:
    """Shapes of actors, sorted by actor."""

    def __init__(self, shapes: Sequence[_Shape], actors: int):
        self.actors = np.array([shape.actor for shape in shapes], np.int64)
        self.radii = np.array([shape.radius for shape in shapes], np.float64)
        self.first = np.searchsorted(self.actors, np.arange(actors), "left")
        self.count = np.searchsorted(self.actors, np.arange(actors), "right") - self.first
        self._outlines = np.array([filled_up(shape.outline, 4) for shape in shapes], np.float64).reshape(-1, 4, 2)
        self._heights = np.array([(0.0, shape.height) for shape in shapes], np.float64).reshape(-1, 2)
        extent = (self._outlines * self._outlines).sum(axis=2)
        self.reach = np.sqrt(extent.max(axis=1, initial=0.0)) + self.radii

    def outlines(self, positions: np.ndarray, headings: np.ndarray) -> np.ndarray:
        """Return the outlines ``(n, 4, 2)`` in the world [m]."""
        along = headings[self.actors][:, None]
        left = along[..., ::-1] * [-1.0, 1.0]
        outlines: np.ndarray = self._outlines[..., :1] * along + self._outlines[..., 1:] * left
        return outlines + positions[self.actors, None, :2]

    def heights(self, positions: np.ndarray) -> np.ndarray:
        """Return bottoms and tops ``(n, 2)`` in the world [m]."""
        heights: np.ndarray = positions[self.actors, 2:] + self._heights
        return heights


def _by_corners(prims: Sequence[tuple[int, StageCollider]], reacts: np.ndarray) -> list[RestingShapes]:
    """Sort numbered prims by the number of corners of their outlines; ``reacts`` has which matter to whom."""
    by_count: dict[int, list[tuple[int, StageCollider]]] = {}
    for number, prim in prims:
        corners = prim.outlines.shape[1]
        by_count.setdefault(corners if corners <= 4 else 1 << (corners - 1).bit_length(), []).append((number, prim))
    resting = []
    for count, some in sorted(by_count.items()):
        things = np.repeat([number for number, _ in some], [len(prim.radii) for _, prim in some])
        resting.append(
            RestingShapes(
                things=things,
                outlines=np.concatenate([filled_up(prim.outlines, count) for _, prim in some]),
                radii=np.concatenate([prim.radii for _, prim in some]),
                heights=np.concatenate([prim.heights + _margins(prim) for _, prim in some]),
                reacts=reacts[:, things],
            )
        )
    return resting


def _margins(prim: StageCollider) -> np.ndarray:
    """Return what is added to bottoms and tops (`FLOOR_MARGIN`)."""
    return np.array([-FLOOR_MARGIN, FLOOR_MARGIN]) if prim.name else np.array([0.0, -FLOOR_MARGIN])


def _parts(index: int, spec: ActorSpec, group: ActorGroup) -> Iterator[_Shape]:
    """Yield what can be touched of an actor: its body, which answers to its group's name and its own, and colliders."""
    point = np.zeros((1, 2))
    yield _Shape(index, (spec.group, spec.name), point, spec.radius, spec.height)
    for collider in group.colliders:
        match collider:
            case BoxCollider(name=name, dimension=(length, width, height)):
                corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [length / 2, width / 2]
                yield _Shape(index, (name,), corners, 0.0, height)
            case CylinderCollider(name=name, radius=radius):
                yield _Shape(index, (name,), point, radius, spec.height)


def _table(wanted: Sequence[tuple[str, ...]], names: Sequence[tuple[str, ...]]) -> np.ndarray:
    """Return which triggers, by the names they want, react to which things, by the names they have."""
    kinds = list(dict.fromkeys(names))
    reacts = np.array([[_called(kind, any_of) for kind in kinds] for any_of in wanted], bool)
    place = {kind: number for number, kind in enumerate(kinds)}
    table: np.ndarray = reacts.reshape(len(wanted), -1)[:, [place[one] for one in names]]
    return table


def _as_high(heights: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which pairs of heights ``(n, 2)`` overlap."""
    overlapping: np.ndarray = (others[:, 0] < heights[:, 1]) & (others[:, 1] > heights[:, 0])
    return overlapping


def _called(names: tuple[str, ...], any_of: tuple[str, ...]) -> bool:
    """Return whether a trigger that names colliders, or none to mean any, means one with these names."""
    return not any_of or any(name in any_of for name in names)
