"""Garments cut from the base mesh's clothing helpers: shirts, vests, coats, trousers, skirts, shoes and hats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.assets.makehuman import Body, MakeHuman
from tools.assets.makehuman_mesh import (
    Part,
    clipped,
    compact,
    extruded,
    hemmed,
    merged,
    offset,
    part_of,
    select,
    smoothed,
    with_uvs,
)

SOLE = 0.022
"""Thickness of all soles [m]; people stand on them."""

ARM_BONES = ("upperarm", "lowerarm", "hand", "thumb", "index", "middle", "ring", "pinky")


@dataclass(frozen=True, eq=False)
class Figure:
    """A body with what tailoring needs to know about it.

    Attributes:
        data: The source data.
        body: The shaped base mesh.
        joints: Position of each joint by name [m].
    """

    data: MakeHuman
    body: Body
    joints: dict[str, np.ndarray]

    @property
    def waist(self) -> float:
        """Height at which trousers end [m]."""
        return float(self.joints["pelvis"][2] + 0.045 * self.scale)

    @property
    def crotch(self) -> float:
        """Height at which the legs part [m]."""
        points = self.helper("helper-tights").points
        middle = np.abs(points[:, 1]) < 0.01
        return float(points[middle, 2].min())

    @property
    def scale(self) -> float:
        """Size relative to a person of 1.75 m."""
        return float(np.ptp(self.body.points[self.data.groups["body"], 2]) / 1.75)

    @property
    def neck(self) -> float:
        """Height of the base of the neck [m]."""
        return float(self.joints["neck_01"][2])

    def helper(self, group: str) -> Part:
        """Return one group of the base mesh as a part, without texture coordinates."""
        return part_of(self.body.points, self.data.weights, self.data.faces[group])

    def weight(self, part: Part, *bones: str) -> np.ndarray:
        """Return per vertex how much it follows the bones whose names begin so, both sides together."""
        columns = [i for i, name in enumerate(self.data.joint_names) if name.startswith(bones)]
        return part.weights[:, columns].sum(axis=1)

    def sleeve(self, points: np.ndarray) -> np.ndarray:
        """Return how far along the arm points are: 0 shoulder, 1 elbow, 2 wrist."""
        best = np.full(len(points), np.inf)
        along = np.zeros(len(points))
        for side in "lr":
            chain = [self.joints[f"{bone}_{side}"] for bone in ("upperarm", "lowerarm", "hand")]
            for k in range(2):
                axis = chain[k + 1] - chain[k]
                t = (points - chain[k]) @ axis / (axis @ axis)
                clamped = np.clip(t, 0.0, 1.0)
                distance = np.linalg.norm(points - (chain[k] + clamped[:, None] * axis), axis=1)
                value = np.where((k == 0) & (t < 0), t, np.where((k == 1) & (t > 1), t, clamped)) + k
                along = np.where(distance < best, value, along)
                best = np.minimum(best, distance)
        return along


def figure(data: MakeHuman, body: Body) -> Figure:
    """Return a body ready for tailoring."""
    return Figure(data, body, dict(zip(data.joint_names, body.joints, strict=True)))


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def top(
    person: Figure,
    *,
    thickness: float,
    hem: float,
    sleeve: float,
    neckline: float = 0.03,
    neck_drop: float = 0.0,
    relax: int = 6,
    tuck: bool = False,
) -> Part:
    """Cut a garment for the upper body from the tights.

    Args:
        person: Who wears it.
        thickness: Distance from the body [m].
        hem: Height of the lower hem [m].
        sleeve: Where sleeves end: 0 shoulder, 1 elbow, 2 wrist.
        neckline: How far the opening at the neck reaches below the base of the neck [m].
        neck_drop: How much lower the opening is in front [m].
        relax: Rounds of smoothing that turn skin into cloth.
        tuck: Taper to the body below the waist, for trousers to go over.
    """
    part = person.helper("helper-tights")
    throat = 1.0 - ramp(person.neck - part.points[:, 2], -0.01, 0.05) * np.ones(len(part.points))
    part = smoothed(part, relax, strength=0.5 * (1.0 - throat))
    arm = person.weight(part, *ARM_BONES)
    along = person.sleeve(part.points)
    # Close to the neck and over the shoulders cloth lies on the body; it hangs loose further down.
    over = ramp(np.abs(part.points[:, 1]), 0.06, 0.12) * ramp(part.points[:, 2], person.neck - 0.16, person.neck - 0.06)
    amount = np.where(arm > 0.5, 0.65 * thickness + 0.010 * ramp(along, 0.3, 1.2), thickness * (1.0 - 0.45 * over))
    amount = 0.004 + (amount - 0.004) * (1.0 - throat)
    if tuck:
        amount = np.where(arm > 0.5, amount, 0.003 + (amount - 0.003) * ramp(part.points[:, 2], hem, hem + 0.08))
    part = offset(part, amount)
    is_arm = person.weight(part, *ARM_BONES) > 0.5
    part = clipped(part, np.where(is_arm, 0.2, part.points[:, 2] - hem))
    z, x = part.points[:, 2], part.points[:, 0]
    if sleeve < 0.2:
        part = clipped(part, 0.42 - person.weight(part, *ARM_BONES))
    else:
        is_arm = person.weight(part, *ARM_BONES) > 0.5
        part = clipped(part, np.where(is_arm, sleeve - person.sleeve(part.points), 0.2))
    z, x = part.points[:, 2], part.points[:, 0]
    front = ramp(x - person.joints["neck_01"][0], -0.02, 0.09)
    narrow = np.abs(part.points[:, 1]) / (0.09 * person.scale)
    opening = person.neck - neckline - neck_drop * front * np.clip(1.0 - narrow, 0.0, 1.0)
    part = clipped(part, np.where(narrow < 1.6, opening - z, 0.2))
    return hemmed(smoothed(part, 1), 0.006)


def trousers(person: Figure, *, upper: float, thickness: float = 0.012, hem: float = 0.025, leg: float = 0.03) -> Part:
    """Cut trousers from the tights.

    Args:
        person: Who wears them.
        upper: Height of the waistband, or of the hem of a top that hides the rest [m].
        thickness: Distance from the body at the hips [m].
        hem: Height of the lower hem [m].
        leg: Distance from the body at the ankle [m].
    """
    part = smoothed(person.helper("helper-tights"), 5)
    z = part.points[:, 2]
    knee, ankle = person.joints["calf_l"][2], person.joints["foot_l"][2] + 0.035
    amount = leg + (thickness - leg) * ramp(z, ankle, knee * 1.15) + 0.005 * ramp(z, 0.8 * knee, knee * 1.3)
    part = offset(part, np.where(z > person.crotch - 0.02, thickness + 0.002, amount))
    part = clipped(part, np.where(person.weight(part, *ARM_BONES) > 0.2, -0.2, upper - part.points[:, 2]))
    part = smoothed(clipped(part, part.points[:, 2] - ankle), 2)
    part = extruded(part, part.points[:, 2] < ankle + 0.01, np.array([0.0, 0.0, hem - ankle]), rows=2)
    return hemmed(part, 0.008)


def skirt(person: Figure, *, thickness: float, upper: float, lower: float, flare: float = 0.0) -> Part:
    """Cut a skirt or a coat's tail from the skirt helper between two heights [m]."""
    part = smoothed(person.helper("helper-skirt"), 3)
    # Cloth between the legs belongs to both: without soft weights it would tear into two tubes.
    part = Part(part.points, smoothed(part, 30).weights, part.triangles)
    z = part.points[:, 2]
    part = offset(part, thickness + flare * ramp(-z, -upper, -lower))
    part = clipped(part, upper - part.points[:, 2])
    part = clipped(part, part.points[:, 2] - lower)
    return hemmed(part, 0.006)


def collar(person: Figure, part: Part, *, height: float, fall: float, gap: float) -> Part:
    """Make a collar on the neck opening of a top: turned down, or a plain band.

    Args:
        person: Who wears it.
        part: The top.
        height: How far it stands up [m].
        fall: How far it falls outside [m]; 0 for a band.
        gap: Half width of its opening at the throat [m]; 0 for none.
    """
    border = np.unique(part.border)
    rim = part.points[border]
    border = border[(rim[:, 2] > person.neck - 0.15) & (np.abs(rim[:, 1]) < 0.14)]
    middle = part.points[border].mean(axis=0)
    steps = np.linspace(-np.pi, np.pi, 49)[:-1]
    base = _around(part.points[border], middle, steps, part.points[border])
    skin = _around(part.points[border], middle, steps, part.weights[border])
    out = np.stack([np.cos(steps), np.sin(steps), np.zeros(len(steps))], axis=1)
    front = np.cos(steps)[:, None].clip(0.0)

    # The collar lies against the neck, wherever the opening of the top ended up.
    body = person.data.groups["body"]
    throat = person.body.points[body]
    follows = [person.data.joint_names.index(name) for name in ("neck_01", "head")]
    near = person.data.weights[body][:, follows].sum(axis=1) > 0.6
    near &= (throat[:, 2] > person.neck - 0.01) & (throat[:, 2] < person.neck + 0.04 * person.scale)
    distance = np.linalg.norm(throat[near][:, :2] - middle[:2], axis=1)[:, None]
    radius = _around(throat[near], middle, steps, distance, window=0.35) + 0.009
    snug = middle + radius * out
    snug[:, 2] = base[:, 2] + 0.35 * (np.linalg.norm((base - middle)[:, :2], axis=1) - radius[:, 0]).clip(0.0)
    up = np.array([0.0, 0.0, 1.0])
    stand = height * (1.0 - 0.35 * front) if fall > 0.0 else height * np.ones_like(front)
    rows = [base - 0.004 * up, snug, snug + stand * up, snug + 0.006 * out + (stand + 0.003) * up]
    if fall > 0.0:
        drop = fall * (1.0 + 0.3 * front)
        rows += [
            snug + 0.013 * out + (stand - 0.35 * drop) * up,
            snug + (0.022 + 0.010 * front) * out + (stand - drop) * up,
            snug + (0.016 + 0.010 * front) * out + (stand - drop + 0.002) * up,
        ]
    else:
        rows.append(base + 0.004 * out + 0.002 * up)
    count, rounds = len(rows), len(steps)
    grid = np.arange(count * rounds).reshape(count, rounds)
    open_front = np.abs(snug[:, 1]) < gap
    kept = ~(open_front & (front[:, 0] > 0.0)) | (fall == 0.0)
    columns = [k for k in range(rounds) if kept[k] and kept[(k + 1) % rounds]]
    quads = [
        [grid[r, k], grid[r, (k + 1) % rounds], grid[r + 1, (k + 1) % rounds], grid[r + 1, k]]
        for k in columns
        for r in range(count - 1)
    ]
    return compact(part_of(np.concatenate(rows), np.tile(skin, (count, 1)), np.array(quads)))


def _around(
    points: np.ndarray, middle: np.ndarray, steps: np.ndarray, values: np.ndarray, *, window: float = 0.0
) -> np.ndarray:
    """Interpolate values of points by their angle around a vertical axis; a window [rad] averages instead."""
    angle = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    if window:
        apart = (steps[:, None] - angle + np.pi) % (2.0 * np.pi) - np.pi
        weight = np.exp(-((apart / window) ** 2) * 4.0)
        return weight @ values / weight.sum(axis=1, keepdims=True)
    order = np.argsort(angle, kind="stable")
    angles = np.concatenate([angle[order][-3:] - 2 * np.pi, angle[order], angle[order][:3] + 2 * np.pi])
    wrapped = np.concatenate([values[order][-3:], values[order], values[order][:3]])
    return np.stack([np.interp(steps, angles, column) for column in wrapped.T], axis=1)


def shoes(person: Figure, *, ankle: float, bulk: float = 0.006, heel: float = 0.0) -> tuple[Part, Part]:
    """Make a pair of shoes.

    Args:
        person: Who wears them.
        ankle: Height of the shaft [m].
        bulk: Thickness of the upper [m].
        heel: Extra depth of the groove in front of the heel [m].

    Returns:
        The uppers and the soles; the soles reach `SOLE` below the bare foot.
    """
    tights = person.helper("helper-tights")
    uppers, soles = [], []
    for side in "lr":
        keep = (tights.points[:, 1] > 0) == (side == "l")
        foot = select(tights, keep[tights.triangles].all(axis=1))
        foot = clipped(foot, ankle + 0.012 - foot.points[:, 2])
        low = 1.0 - ramp(foot.points[:, 2], 0.0, 0.03)
        foot = offset(smoothed(foot, 3), bulk + 0.004 * low)
        foot.points[:, 2] = np.maximum(foot.points[:, 2], -0.004)
        uppers.append(hemmed(clipped(foot, ankle - foot.points[:, 2]), 0.01))
        outline = _outline(foot.points[foot.points[:, 2] < 0.035][:, :2], 0.003)
        soles.append(_sole(person, outline, side, heel))
    return merged(uppers), merged(soles)


def _outline(points: np.ndarray, margin: float) -> np.ndarray:
    """Return ``(48, 2)`` points of the convex outline of 2D points, counter-clockwise, moved out by a margin."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    hull: list[np.ndarray] = []
    for run in (points[order], points[order[::-1]]):
        start = len(hull)
        for point in run:
            while len(hull) >= start + 2 and _turn(hull[-2], hull[-1], point) <= 0:
                hull.pop()
            hull.append(point)
        hull.pop()
    loop = np.array([*hull, hull[0]])
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(loop, axis=0), axis=1))])
    at = np.linspace(0.0, lengths[-1], 49)[:-1]
    ring = np.stack([np.interp(at, lengths, loop[:, k]) for k in range(2)], axis=1)
    for _ in range(2):
        ring = 0.5 * ring + 0.25 * (np.roll(ring, 1, axis=0) + np.roll(ring, -1, axis=0))
    tangent = np.roll(ring, -1, axis=0) - np.roll(ring, 1, axis=0)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    return ring + margin * normal / np.linalg.norm(normal, axis=1, keepdims=True)


def _turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _sole(person: Figure, outline: np.ndarray, side: str, heel: float) -> Part:
    centre = outline.mean(axis=0)
    toe = outline[:, 0].max()
    length = toe - outline[:, 0].min()
    forward = (outline[:, 0] - outline[:, 0].min()) / length
    spring = 0.012 * ramp(forward, 0.8, 1.0)
    arch = (0.006 + heel) * ramp(forward, 0.26, 0.32) * (1.0 - ramp(forward, 0.5, 0.62))
    rings = [
        (0.0, 0.010 + 0.0 * spring),
        (0.0, -0.002 + 0.0 * spring),
        (0.002, -SOLE + 0.006 + spring),
        (-0.003, -SOLE + spring + arch),
        (-0.018, -SOLE + spring + arch),
    ]
    out = outline - centre
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    points = np.concatenate(
        [np.column_stack([outline + grow * out, np.broadcast_to(z, len(out))]) for grow, z in rings]
    )
    points = np.concatenate([points, [[*centre, -SOLE + arch.max()]]])
    count = len(outline)
    grid = np.arange(len(rings) * count).reshape(len(rings), count)
    after = np.roll(grid, -1, axis=1)
    quads = np.concatenate(
        [np.stack([grid[r], grid[r + 1], after[r + 1], after[r]], axis=1) for r in range(len(rings) - 1)]
    )
    fan = np.stack([after[-1], grid[-1], np.full(count, len(points) - 1)], axis=1)
    weights = np.zeros((len(points), len(person.data.joint_names)))
    ball = person.joints[f"ball_{side}"][0]
    toes = ramp(points[:, 0], ball - 0.015, ball + 0.025)
    weights[:, person.data.joint_names.index(f"ball_{side}")] = toes
    weights[:, person.data.joint_names.index(f"foot_{side}")] = 1.0 - toes
    part = part_of(points, weights, quads[:, [0, 3, 2, 1]])
    triangles = np.concatenate([part.triangles, fan[:, [0, 2, 1]]])
    flipped = Part(points, weights, triangles)
    # Wind everything outwards whatever way the outline runs.
    outward = (flipped.normals[: len(outline), :2] * out).sum() > 0
    return flipped if outward else Part(points, weights, triangles[:, ::-1].copy())


def dome(
    person: Figure, *, centre: np.ndarray, radii: tuple[float, float, float], start: float, ridge: float = 0.0
) -> Part:
    """Make the rigid upper part of an ellipsoid around the head, for hats.

    Args:
        person: Who wears it.
        centre: Of the ellipsoid [m].
        radii: Along x, y and z [m].
        start: Lowest height relative to the centre as a share of the vertical radius.
        ridge: Height of the crest from front to back [m].
    """
    rows, columns = 9, 40
    polar = np.linspace(np.arcsin(start), 0.5 * np.pi, rows)
    turn = np.linspace(0.0, 2.0 * np.pi, columns + 1)[:-1]
    grid = np.stack(
        [
            np.cos(polar)[:, None] ** 0.9 * np.cos(turn),
            np.cos(polar)[:, None] ** 0.9 * np.sin(turn),
            np.broadcast_to(np.sin(polar)[:, None], (rows, columns)),
        ],
        axis=-1,
    )
    grid[-1] = [0.0, 0.0, 1.0]
    points = grid.reshape(-1, 3) * radii + centre
    crest = np.exp(-(((points[:, 1] - centre[1]) / 0.018) ** 2)) * ramp(
        points[:, 2] - centre[2], 0.4 * radii[2], 0.8 * radii[2]
    )
    points[:, 2] += ridge * crest
    index = np.arange(rows * columns).reshape(rows, columns)
    after = np.roll(index, -1, axis=1)
    quads = np.concatenate(
        [np.stack([index[r], after[r], after[r + 1], index[r + 1]], axis=1) for r in range(rows - 1)]
    )
    return part_of(points, _rigid(person, len(points), "head"), quads)


def brim(
    person: Figure, *, centre: np.ndarray, inner: tuple[float, float], width: np.ndarray, droop: np.ndarray
) -> Part:
    """Make a brim around an ellipse; width and droop [m] are given for 40 directions, counter-clockwise."""
    columns = 40
    turn = np.linspace(0.0, 2.0 * np.pi, columns + 1)[:-1]
    ring = np.stack([np.cos(turn) * inner[0], np.sin(turn) * inner[1], np.zeros(columns)], axis=1) + centre
    out = np.stack([np.cos(turn), np.sin(turn), np.zeros(columns)], axis=1)
    down = np.array([0.0, 0.0, 1.0])
    rows = [
        ring - 0.004 * out,
        ring + out * (0.5 * width)[:, None] - down * (0.35 * droop)[:, None],
        ring + out * width[:, None] - down * droop[:, None],
        ring + out * width[:, None] - down * (droop + 0.004)[:, None],
        ring + out * (0.5 * width)[:, None] - down * (0.35 * droop + 0.005)[:, None],
        ring - 0.004 * out - down * 0.005,
    ]
    points = np.concatenate(rows)
    index = np.arange(len(rows) * columns).reshape(len(rows), columns)
    after = np.roll(index, -1, axis=1)
    quads = np.concatenate(
        [np.stack([index[r], index[r + 1], after[r + 1], after[r]], axis=1) for r in range(len(rows) - 1)]
    )
    return part_of(points, _rigid(person, len(points), "head"), quads)


def _rigid(person: Figure, count: int, joint: str) -> np.ndarray:
    weights = np.zeros((count, len(person.data.joint_names)))
    weights[:, person.data.joint_names.index(joint)] = 1.0
    return weights


@dataclass(frozen=True)
class Frame:
    """How a garment's texture lies over it: the front in the left half, the back mirrored in the right half.

    Attributes:
        low: Height at the lower edge of the texture [m].
        high: Height at the upper edge [m].
        torso: Half width of the finely textured middle [m].
        reach: Half width at the outer edges [m], for sleeves.
    """

    low: float
    high: float
    torso: float = 0.27
    reach: float = 0.75

    MIDDLE = 0.72

    def lay(self, part: Part) -> Part:
        """Give a part the texture coordinates of this frame."""
        across = np.abs(part.points[:, 1])
        fine = np.minimum(across, self.torso) / self.torso * self.MIDDLE
        coarse = np.clip((across - self.torso) / (self.reach - self.torso), 0.0, 1.0) * (1.0 - self.MIDDLE)
        side = 0.25 * np.sign(part.points[:, 1]) * (fine + coarse) * 0.99
        v = np.clip((part.points[:, 2] - self.low) / (self.high - self.low), 0.002, 0.998)
        front = np.stack([0.25 + side, v], axis=1)
        back = np.stack([0.75 - side, v], axis=1)
        a, b, c = (part.points[part.triangles[:, k]] for k in range(3))
        facing = np.cross(b - a, c - a)[:, 0] >= 0.0
        uvs = np.where(facing[:, None, None], front[part.triangles], back[part.triangles])
        return Part(part.points, part.weights, part.triangles, uvs)

    def grid(self, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return for every texel of a square texture: y [m], z [m] and whether it is on the front."""
        u, v = np.meshgrid((np.arange(size) + 0.5) / size, 1.0 - (np.arange(size) + 0.5) / size)
        front = u < 0.5
        side = np.where(front, u - 0.25, 0.75 - u) / 0.25 / 0.99
        across = np.abs(side)
        y = np.where(
            across < self.MIDDLE,
            across / self.MIDDLE * self.torso,
            self.torso + (across - self.MIDDLE) / (1.0 - self.MIDDLE) * (self.reach - self.torso),
        )
        return np.sign(side) * y, self.low + v * (self.high - self.low), front


def plain(part: Part, u: float = 0.5, v: float = 0.5) -> Part:
    """Map a whole part onto one spot of a texture."""
    return with_uvs(part, np.tile([u, v], (len(part.points), 1)))
