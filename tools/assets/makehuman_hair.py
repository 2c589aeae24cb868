"""Hair cuts: the lifted scalp alone, or with the base mesh's hair helper, a bun or a tail."""

from __future__ import annotations

import numpy as np

from tools.assets.makehuman_clothes import Figure, ramp
from tools.assets.makehuman_mesh import Part, clipped, compact, merged, part_of, smoothed, subdivided, with_uvs
from tools.assets.makehuman_skin import hair_field, head_uvs

Vector = tuple[float, float, float]


def hair(person: Figure, cut: str, *, hairline: float, nape: float, hat: bool = False) -> Part:
    """Return somebody's hair.

    Args:
        person: Whose hair.
        cut: ``"buzz"``, ``"short"``, ``"parted"``, ``"afro"``, ``"bob"``, ``"long"``, ``"bun"`` or ``"tail"``.
        hairline: Height of the hairline above the eyes [m].
        nape: How far down it grows at the back, below the eyes [m].
        hat: Keep it flat on top.
    """
    sides, crown = {
        "buzz": (0.005, 0.002),
        "short": (0.008, 0.012),
        "parted": (0.010, 0.024),
        "afro": (0.024, 0.026),
        "bob": (0.010, 0.010),
        "long": (0.010, 0.010),
        "bun": (0.008, 0.006),
        "tail": (0.008, 0.006),
    }[cut]
    if hat:
        sides, crown = min(sides, 0.009), 0.0
    cap = _scalp(person, sides=sides, crown=crown, nape=nape, hairline=hairline, parted=cut == "parted" and not hat)
    if cut in ("bob", "long"):
        length = person.joints["neck_01"][2] + (0.045 if cut == "bob" else -0.09) * person.scale
        return merged([cap, _strands(person, length, hat=hat)])
    if cut == "bun":
        return merged([cap, _ball(person, (-0.105, 0.0, 0.055), (0.042, 0.042, 0.038))])
    if cut == "tail":
        return merged([cap, _tail(person)])
    return cap


def _scalp(person: Figure, *, sides: float, crown: float, nape: float, hairline: float, parted: bool) -> Part:
    data = person.data
    quads = data.faces["body"]
    joints = len(data.joint_names)
    # Cut the base shape, where the hairline is known, and carry the person's own points along.
    carried = np.concatenate([data.weights, person.body.points], axis=1)
    base = part_of(data.base_points, carried, quads)
    head = person.weight(Part(base.points, base.weights[:, :joints], base.triangles), "head", "neck") > 0.5
    low = data.base_points[data.groups["body"], 2].max() - 0.30
    kept = (head & (base.points[:, 2] > low))[base.triangles].all(axis=1)
    base = compact(Part(base.points, base.weights, base.triangles[kept]))
    base = clipped(base, hair_field(data, base.points, low=nape, hairline=hairline))
    own = Part(base.weights[:, joints:], base.weights[:, :joints], base.triangles)
    field = hair_field(data, base.points, low=nape, hairline=hairline)
    top = data.base_points[data.groups["body"], 2].max()
    z, y = base.points[:, 2], base.points[:, 1]
    amount = sides + crown * ramp(z, top - 0.12, top - 0.015)
    if parted:
        # Combed over from a parting above the left eye.
        amount = amount + 0.012 * ramp(-y, -0.02, 0.045) * ramp(z, top - 0.10, top - 0.02)
        amount = amount - 0.012 * np.exp(-(((y - 0.028) / 0.006) ** 2)) * ramp(z, top - 0.08, top - 0.03)
    amount = amount * ramp(field, -0.001, 0.018) - 0.0015
    lifted = Part(own.points + own.normals * amount[:, None], own.weights, own.triangles)
    lifted = smoothed(lifted, 2, strength=0.5 * ramp(field, 0.0, 0.02))
    uvs = head_uvs(data, base.points)[base.triangles]
    wide = np.ptp(uvs[..., 0], axis=1) > 0.5
    uvs[wide, :, 0] = np.where(uvs[wide, :, 0] < 0.5, uvs[wide, :, 0] + 1.0, uvs[wide, :, 0])
    return Part(lifted.points, lifted.weights, lifted.triangles, uvs)


def _strands(person: Figure, length: float, *, hat: bool) -> Part:
    """Return the hair helper down to a height, as a closed curtain around the head."""
    part = person.helper("helper-hair")
    head = person.joints["head"]
    part = clipped(part, part.points[:, 2] - length)
    part = subdivided(part)
    inward = part.points - [head[0] + 0.005, 0.0, 0.0]
    level = np.linalg.norm(inward[:, :2], axis=1, keepdims=True)
    crown = ramp(part.points[:, 2], head[2] + 0.10 * person.scale, head[2] + 0.17 * person.scale)
    part.points[:, :2] += inward[:, :2] / np.maximum(level, 1e-6) * (0.004 - (0.012 if hat else 0.0) * crown)[:, None]
    # The curtains in front of the face are tucked behind the ears.
    face = (part.points[:, 0] > head[0] + 0.055 * person.scale) & (part.points[:, 2] < head[2] + 0.125 * person.scale)
    keep = ~face[part.triangles].any(axis=1)
    part = compact(Part(part.points, part.weights, part.triangles[keep]))
    weights = np.zeros_like(part.weights)
    names = person.data.joint_names
    hang = 0.5 * ramp(-part.points[:, 2], -person.neck, -person.neck + 0.12)
    weights[:, names.index("head")] = 1.0 - hang
    weights[:, names.index("spine_03")] = hang
    angle = np.arctan2(part.points[:, 1], part.points[:, 0] - head[0])
    uv = np.stack([0.5 + angle / (2.0 * np.pi), part.points[:, 2] * 2.0], axis=1)
    return with_uvs(Part(part.points, weights, part.triangles), uv)


def _ball(person: Figure, centre: Vector, radii: Vector, *, rows: int = 8, columns: int = 14) -> Part:
    """Return an ellipsoid fixed to the head, given relative to the head joint at a height of 1.75 m."""
    polar = np.linspace(-0.5 * np.pi, 0.5 * np.pi, rows)
    turn = np.linspace(0.0, 2.0 * np.pi, columns + 1)
    grid = np.stack(
        [
            np.cos(polar)[:, None] * np.cos(turn),
            np.cos(polar)[:, None] * np.sin(turn),
            np.broadcast_to(np.sin(polar)[:, None], (rows, columns + 1)),
        ],
        axis=-1,
    )
    points = (grid.reshape(-1, 3) * radii + centre) * person.scale + person.joints["head"]
    index = np.arange(rows * (columns + 1)).reshape(rows, columns + 1)
    quads = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], axis=-1).reshape(-1, 4)
    weights = np.zeros((len(points), len(person.data.joint_names)))
    weights[:, person.data.joint_names.index("head")] = 1.0
    u = np.broadcast_to(turn / (2.0 * np.pi), (rows, columns + 1))
    v = np.broadcast_to((polar / np.pi + 0.5)[:, None], (rows, columns + 1))
    uv = np.stack([u.ravel(), v.ravel()], axis=1)
    part = part_of(points, weights, quads)
    return with_uvs(part, uv) if len(part.points) == len(points) else part


def _tail(person: Figure) -> Part:
    """Return a pony tail: a row of ellipsoids that hang from the back of the head."""
    beads = [
        _ball(
            person,
            (-0.100 - 0.012 * k + 0.003 * k * k, 0.0, 0.065 - 0.032 * k),
            (0.022, 0.024, 0.03),
            rows=6,
            columns=10,
        )
        for k in range(6)
    ]
    tail = merged(beads)
    names = person.data.joint_names
    hang = 0.6 * ramp(-tail.points[:, 2], -person.neck - 0.02, -person.neck + 0.1)
    tail.weights[:, names.index("head")] = 1.0 - hang
    tail.weights[:, names.index("spine_03")] = hang
    return tail
