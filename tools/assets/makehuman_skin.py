"""Skin, eyes and hair of a person: which faces are kept and how textures lie on them."""

from __future__ import annotations

import numpy as np

from tools.assets.makehuman import MakeHuman
from tools.assets.makehuman_clothes import ARM_BONES, Figure, ramp
from tools.assets.makehuman_mesh import Part, merged, part_of, select, with_uvs

FACE_SHARE = 0.7
"""Share of the texture's width that the front of the head gets."""

FACE_ANGLE = np.radians(75.0)
HAND_STRIP = 0.2
"""Share of the texture's height, at its lower edge, for hands; the head starts at `HEAD_STRIP`."""

HEAD_STRIP = 0.26


def skin(person: Figure, *, collar: float, sleeve: float, legs: float | None, hairline: float, nape: float) -> Part:
    """Return the skin that clothes and hair leave visible, textured.

    Args:
        person: Whose skin.
        collar: Height above which the neck shows [m].
        sleeve: Where sleeves end: 0 shoulder, 1 elbow, 2 wrist.
        legs: Height below which the legs show [m], or None.
        hairline: Height of the hairline above the eyes [m].
        nape: How far down hair grows at the back, below the eyes [m].
    """
    data = person.data
    body = part_of(person.body.points, data.weights, data.faces["body"], data.uvs[data.face_uvs["body"]])
    base = part_of(data.base_points, data.weights, data.faces["body"])
    arm = person.weight(body, *ARM_BONES) > 0.5
    leg = person.weight(body, "thigh", "calf") > 0.5
    throat = person.weight(body, "head", "neck")
    chest = (body.points[:, 0] > person.joints["neck_01"][0]) & (np.abs(body.points[:, 1]) < 0.07 * person.scale)
    chest &= body.points[:, 2] > collar - 0.04
    shown = np.where(arm, person.sleeve(body.points) > sleeve - 0.12, (throat > 0.2) | chest)
    if legs is not None:
        shown |= leg & (body.points[:, 2] < legs + 0.03)
    crown = base.points[:, 2] > base.points[:, 2].max() - 0.2
    shown &= ~(crown & (hair_field(data, base.points, low=nape, hairline=hairline) > 0.03))
    inside = data.mask("inside-mouth")
    corners = body.uvs.reshape(-1, 2)
    rows = np.clip(((1.0 - corners[:, 1]) * inside.shape[0]).astype(int), 0, inside.shape[0] - 1)
    columns = np.clip((corners[:, 0] * inside.shape[1]).astype(int), 0, inside.shape[1] - 1)
    mouth = (inside[rows, columns] > 0.5).reshape(-1, 3).all(axis=1)
    keep = shown[body.triangles].any(axis=1) & ~mouth
    # Below the collar skin gives way, so that it never shows through cloth.
    tucked = 0.008 * ramp(-body.points[:, 2], -collar - 0.02, -collar + 0.03) * ~(arm | leg)
    points = body.points - body.normals * tucked[:, None]
    return select(Part(points, body.weights, body.triangles, _skin_uvs(data, base, body)), keep)


def _skin_uvs(data: MakeHuman, base: Part, body: Part) -> np.ndarray:
    """Lay the head out around a vertical axis of the base shape, hands below it as MakeHuman lays them out."""
    uv = body.uvs.copy()
    hand_u, hand_v = (uv[..., 0] - 0.36) / 0.41, uv[..., 1] / 0.2 * HAND_STRIP
    is_hand = (uv[..., 1] < 0.21) & (uv[..., 0] > 0.355) & (uv[..., 0] < 0.775)
    hands = np.stack([hand_u, hand_v], axis=-1)
    bare = np.stack([np.clip(0.5 + base.points[:, 1], 0.05, 0.95), np.full(len(base.points), 0.232)], axis=1)
    head = head_uvs(data, base.points)[base.triangles]
    # Unwrap the triangles that straddle the seam at the back of the head.
    wide = head[..., 0].max(axis=1) - head[..., 0].min(axis=1) > 0.5
    head[wide, :, 0] = np.where(head[wide, :, 0] < 0.5, head[wide, :, 0] + 1.0, head[wide, :, 0])
    low, _ = _head_range(data)
    is_head = (base.points[:, 2] > low)[base.triangles].all(axis=1) & (np.abs(base.points[:, 1]) < 0.13)[
        base.triangles
    ].all(axis=1)
    out = np.where(is_head[:, None, None], head, bare[base.triangles])
    return np.where(is_hand.all(axis=1)[:, None, None], hands, out)


def _head_range(data: MakeHuman) -> tuple[float, float]:
    points = data.base_points[data.groups["body"]]
    top = points[:, 2].max()
    return top - 0.36, top


def head_axis(data: MakeHuman) -> float:
    """Return x of the vertical axis around which the head's texture is wrapped, in the base shape [m]."""
    points = data.base_points[data.groups["body"]]
    crown = points[points[:, 2] > points[:, 2].max() - 0.12]
    return float(0.5 * (crown[:, 0].min() + crown[:, 0].max()))


def head_uvs(data: MakeHuman, points: np.ndarray) -> np.ndarray:
    """Return the texture coordinates of points of the base shape's head."""
    low, high = _head_range(data)
    angle = np.arctan2(points[:, 1], points[:, 0] - head_axis(data))
    turn = np.abs(angle)
    side = np.where(
        turn < FACE_ANGLE,
        turn / FACE_ANGLE * FACE_SHARE,
        FACE_SHARE + (turn - FACE_ANGLE) / (np.pi - FACE_ANGLE) * (1.0 - FACE_SHARE),
    )
    v = HEAD_STRIP + (points[:, 2] - low) / (high - low) * (1.0 - HEAD_STRIP)
    return np.stack([0.5 + 0.5 * np.sign(angle) * side, v], axis=1)


def eyes(person: Figure) -> Part:
    """Return both eyeballs; the texture faces each eye from the front."""
    parts = []
    for group in ("helper-l-eye", "helper-r-eye"):
        eye = person.helper(group)
        centre = 0.5 * (eye.points.min(axis=0) + eye.points.max(axis=0))
        radius = 0.5 * np.ptp(eye.points[:, 2])
        front = eye.points[:, 0] > centre[0] - 0.5 * radius
        eye = select(eye, front[eye.triangles].all(axis=1))
        uv = 0.5 + 0.45 * (eye.points[:, 1:] - centre[1:]) / radius
        parts.append(with_uvs(eye, uv))
    return merged(parts)


def hair_field(data: MakeHuman, points: np.ndarray, *, low: float, hairline: float) -> np.ndarray:
    """Return a distance-like field over the base shape's head, positive where hair grows [m]."""
    eye = data.base_points[data.groups["helper-l-eye"]].mean(axis=0)
    axis = head_axis(data)
    angle = np.abs(np.arctan2(points[:, 1], points[:, 0] - axis))
    front = eye[2] + hairline
    temple = eye[2] + 0.012
    nape = eye[2] - low
    ear_top = eye[2] + 0.016
    height = np.interp(
        angle,
        np.radians([0, 25, 42, 62, 72, 84, 112, 130, 180]),
        [front, front, front - 0.012, front - 0.03, temple - 0.025, ear_top, ear_top, nape + 0.02, nape],
    )
    return points[:, 2] - height
