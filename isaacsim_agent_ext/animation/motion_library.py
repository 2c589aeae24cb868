"""The motion library: clips read from USD, in a form that fits any body."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isaacsim_agent_ext.animation.joint_names import LEG_JOINTS, REQUIRED, SIDES, recognise
from isaacsim_agent_ext.animation.kinematics import Hierarchy, conjugate, multiply, quaternions, rotate
from isaacsim_agent_ext.animation.legs import LegShape
from isaacsim_agent_ext.errors import AssetError

if TYPE_CHECKING:
    from pxr import Usd, UsdSkel

FEET = 6
"""Values per foot in a clip's track: x, y and z of the flat foot's ground point [leg lengths], heading, pitch and
toe bend [rad]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MotionClip:
    """One clip in place: the root stands still and faces +X.

    Lengths are in leg lengths of the body the clip was made for, so that it can be played by any body. The last
    sample of a looping clip equals its first.

    Attributes:
        name: Such as ``"walk"``.
        duration: Seconds from the first to the last sample.
        loop: Whether it starts again at the end; else the last pose holds.
        speed: Speed of the root that the feet are made for [leg lengths/s].
        turn_rate: Rate of turn of the root that they are made for [rad/s], positive to the left.
        contacts: ``(2, 2)`` left and right foot: when it is put down and when it leaves the floor, as shares of the
            duration; the second is above 1 when it lies in the next cycle.
        fade: Seconds over which to blend to and from the clip.
        rotations: ``(samples, joints, 4)`` float32 rotations relative to the parent's, w, x, y, z; all are the
            identity in the bind pose.
        hips: ``(samples, 3)`` float64 middle of the hip joints, relative to the floor under the bind pose's; the
            height counts from that of the ankles [leg lengths].
        feet: ``(samples, 2, 6)`` float64, see `FEET`.
    """

    name: str
    duration: float
    loop: bool
    speed: float
    turn_rate: float
    contacts: np.ndarray
    fade: float
    rotations: np.ndarray
    hips: np.ndarray
    feet: np.ndarray

    @property
    def stride(self) -> float:
        """Distance covered in one cycle [leg lengths]."""
        return self.speed * self.duration


@dataclass(frozen=True, eq=False)
class MotionLibrary:
    """All clips of one file, on one set of joints.

    Attributes:
        source: Where it came from, for messages.
        joints: Names of the joints, parents before children.
        parents: Index of each joint's parent, -1 for a root.
        bind: ``(joints, 3)`` positions in the bind pose of the body the clips were made for [m].
        leg_length: From hip to ankle, of that body [m].
        clips: In the order of their names.
    """

    source: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    bind: np.ndarray
    leg_length: float
    clips: tuple[MotionClip, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all clips, sorted."""
        return tuple(clip.name for clip in self.clips)

    def index(self, name: str) -> int:
        """Return a clip's position in `clips`.

        Raises:
            AssetError: There is no such clip; the message suggests the nearest.
        """
        names = self.names
        if name in names:
            return names.index(name)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f", did you mean {near[0]!r}?" if near else "."
        raise AssetError(f"{self.source}: there is no animation {name!r}{hint} It has: {', '.join(names)}")

    def clip(self, name: str) -> MotionClip:
        """Return a clip by name.

        Raises:
            AssetError: There is no such clip; the message suggests the nearest.
        """
        return self.clips[self.index(name)]


def load_motion_library(path: Path | str) -> MotionLibrary:
    """Read the clips of a motion library.

    The file holds one Skeleton, which gives the bind pose, and a SkelAnimation per clip, named like its prim. A
    clip's ``motion:`` attributes (``speed``, ``turnRate``, ``contact:left`` ...) say how the root moves under it;
    without them it is a clip for standing people.

    Raises:
        AssetError: The file cannot be read, or lacks what walking needs.
    """
    from pxr import Tf, Usd, UsdGeom, UsdSkel

    try:
        stage = Usd.Stage.Open(str(path))
    except Tf.ErrorException as error:
        raise AssetError(f"{path}: the motion library cannot be opened: {error}") from error
    prims = list(stage.Traverse())
    skeletons = [UsdSkel.Skeleton(prim) for prim in prims if prim.IsA(UsdSkel.Skeleton)]
    animations = [UsdSkel.Animation(prim) for prim in prims if prim.IsA(UsdSkel.Animation)]
    if not skeletons or not animations:
        missing = "Skeleton to take the bind pose from" if not skeletons else "SkelAnimation"
        raise AssetError(f"{path}: the motion library holds no {missing}")
    unit = UsdGeom.GetStageMetersPerUnit(stage)
    body = _Body.read(str(path), skeletons[0], unit)
    rate = stage.GetTimeCodesPerSecond()
    clips = [_read_clip(body, animation, unit, rate) for animation in animations]
    library = MotionLibrary(
        source=str(path),
        joints=body.joints,
        parents=body.parents,
        bind=body.positions,
        leg_length=float(body.legs.length),
        clips=tuple(sorted(clips, key=lambda clip: clip.name)),
    )
    library.clip("idle")
    if not any(clip.speed > 0.0 for clip in library.clips):
        raise AssetError(f"{path}: the motion library has no clip with a motion:speed, so nobody could walk")
    return library


@dataclass(frozen=True, eq=False)
class _Body:
    """The skeleton of a library, turned to face +X with Z up."""

    source: str
    joints: tuple[str, ...]
    paths: tuple[str, ...]
    parents: tuple[int, ...]
    positions: np.ndarray
    rotations: np.ndarray
    turn: np.ndarray
    legs: LegShape
    found: dict[str, int]

    @classmethod
    def read(cls, source: str, skeleton: UsdSkel.Skeleton, unit: float) -> _Body:
        from pxr import UsdSkel

        paths = tuple(str(path) for path in skeleton.GetJointsAttr().Get() or ())
        names = tuple(path.rsplit("/", 1)[-1] for path in paths)
        found = recognise(names, (*REQUIRED, "ball_l", "ball_r"))
        missing = [name for name in (*REQUIRED, "ball_l", "ball_r") if name not in found]
        if missing:
            raise AssetError(f"{source}: the skeleton of the motion library has no joint for {', '.join(missing)}")
        bind = np.array(skeleton.GetBindTransformsAttr().Get(), dtype=np.float64)
        topology = UsdSkel.Topology(list(paths))
        turn = upright(bind[:, 3, :3], found)
        positions = rotate(turn, bind[:, 3, :3] * unit)
        legs = LegShape(*(np.array([positions[found[f"{bone}_{side}"]] for side in SIDES]) for bone in LEG_JOINTS))
        return cls(
            source=source,
            joints=names,
            paths=paths,
            parents=tuple(topology.GetParent(joint) for joint in range(len(names))),
            positions=positions,
            rotations=multiply(turn, quaternions(bind[:, :3, :3])),
            turn=turn,
            legs=legs,
            found=found,
        )


def upright(positions: np.ndarray, found: dict[str, int]) -> np.ndarray:
    """Return the rotation ``(4,)`` that makes a body face +X with Z up, to the nearest right angle.

    Args:
        positions: ``(joints, 3)`` bind positions.
        found: Index of each recognised joint.
    """
    left = positions[found["thigh_l"]] - positions[found["thigh_r"]]
    up = 0.5 * (positions[found["thigh_l"]] + positions[found["thigh_r"]])
    up = up - 0.5 * (positions[found["foot_l"]] + positions[found["foot_r"]])
    rows = np.zeros((3, 3))
    for row, vector in ((1, left), (2, up)):
        axis = int(np.argmax(np.abs(vector)))
        rows[row, axis] = np.sign(vector[axis])
    rows[0] = np.cross(rows[1], rows[2])
    return quaternions(rows.T)


def _read_clip(body: _Body, animation: UsdSkel.Animation, unit: float, rate: float) -> MotionClip:
    prim = animation.GetPrim()
    name = prim.GetName()
    order = [str(path) for path in animation.GetJointsAttr().Get() or ()]
    times = sorted(set(animation.GetRotationsAttr().GetTimeSamples())) or [0.0]
    if sorted(order) != sorted(body.paths):
        raise AssetError(f"{body.source}: clip {name} animates other joints than the library's skeleton has")
    place = [order.index(path) for path in body.paths]
    turned = np.array([np.array(animation.GetRotationsAttr().Get(t)) for t in times], dtype=np.float64)
    turned = turned[:, place][..., [3, 0, 1, 2]]  # USD stores the real part last
    moved = np.array([np.array(animation.GetTranslationsAttr().Get(t)) for t in times], dtype=np.float64)[:, place]

    hierarchy = Hierarchy(body.parents)
    turned[:, hierarchy.levels[0]] = multiply(body.turn, turned[:, hierarchy.levels[0]])
    world = hierarchy.world_rotations(turned)
    positions = np.empty((*world.shape[:2], 3))
    for joint, parent in enumerate(body.parents):
        local = moved[:, joint] * unit
        above = positions[:, parent] + rotate(world[:, parent], local) if parent >= 0 else rotate(body.turn, local)
        positions[:, joint] = above
    delta = multiply(world, conjugate(body.rotations))
    relative = delta.copy()
    for joints in hierarchy.levels[1:]:
        relative[:, joints] = multiply(conjugate(delta[:, hierarchy.parents[joints]]), delta[:, joints])
    for k in range(1, len(relative)):  # neighbouring samples take the short way round
        relative[k] *= np.where((relative[k] * relative[k - 1]).sum(axis=-1, keepdims=True) < 0.0, -1.0, 1.0)

    length = float(body.legs.length)
    thighs = positions[:, [body.found["thigh_l"], body.found["thigh_r"]]].mean(axis=1)
    thighs[:, :2] -= body.legs.hip.mean(axis=0)[:2]
    thighs[:, 2] -= body.legs.ankle[:, 2].mean()
    duration = _attribute(prim, "duration", (times[-1] - times[0]) / rate)
    contacts = np.array([_attribute(prim, f"contact:{side}", (0.0, 1.0)) for side in ("left", "right")])
    return MotionClip(
        name=name,
        duration=max(duration, 1e-3),
        loop=_attribute(prim, "loop", True),
        speed=_attribute(prim, "speed", 0.0) / length,
        turn_rate=_attribute(prim, "turnRate", 0.0),
        contacts=contacts,
        fade=_attribute(prim, "fade", 0.25),
        rotations=relative.astype(np.float32),
        hips=thighs / length,
        feet=_foot_tracks(body, positions, delta, length),
    )


def _attribute(prim: Usd.Prim, name: str, default: Any) -> Any:
    value = prim.GetAttribute(f"motion:{name}").Get()
    return default if value is None else value


def _foot_tracks(body: _Body, positions: np.ndarray, delta: np.ndarray, length: float) -> np.ndarray:
    """Return where the flat feet are and how they have rolled, ``(samples, 2, 6)``."""
    rows = []
    for side in SIDES:
        foot, ball = body.found[f"foot_{side}"], body.found[f"ball_{side}"]
        # Taken from the sideways axis, the heading is sound even where a foot hangs toes down.
        sideways = rotate(delta[:, foot], np.array([0.0, 1.0, 0.0]))
        heading = np.arctan2(-sideways[:, 0], sideways[:, 1])
        pitch = _pitch(delta[:, foot], heading)
        bend = pitch - _pitch(delta[:, ball], heading)
        rows.append(np.stack([heading, pitch, bend], axis=-1))
    angles = np.stack(rows, axis=1)
    ankles = positions[:, [body.found["foot_l"], body.found["foot_r"]]]
    offset = body.legs.ankle_offset(angles[..., 1])
    cos, sin = np.cos(angles[..., 0]), np.sin(angles[..., 0])
    ground = ankles - np.stack([cos * offset[..., 0], sin * offset[..., 0], offset[..., 2]], axis=-1)
    return np.concatenate([ground / length, angles], axis=-1)


def _pitch(delta: np.ndarray, heading: np.ndarray) -> np.ndarray:
    """Return how far the +X axis of rotations points down, seen along a heading [rad]."""
    forward = rotate(delta, np.array([1.0, 0.0, 0.0]))
    return np.arctan2(-forward[:, 2], np.cos(heading) * forward[:, 0] + np.sin(heading) * forward[:, 1])
