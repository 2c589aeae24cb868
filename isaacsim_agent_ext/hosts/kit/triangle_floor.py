"""A NavMesh out of the triangles of another one: Kit's, whose own queries differ from version to version.

Only the triangles are taken over. Neighbours are found by where edges lie, not by shared corners: a baked mesh has
edges that meet several shorter ones. All queries then are ours, so they answer alike on every version.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from isaacsim_agent_ext.errors import NavMeshError
from isaacsim_agent_ext.hosts.kit.triangle_links import Portal, link, wall_segments
from isaacsim_agent_ext.navigation.navmesh import Path

CLOSE = 1.0
"""Path ends farther than this from the surface are off it [m]; twice that in height."""

_FOREIGN = 1000.0
_EPS = 1e-6


class TriangleFloor:
    """A `isaacsim_agent_ext.navigation.navmesh.NavMesh` of triangles."""

    def __init__(self, triangles: np.ndarray, area_names: Sequence[str]):
        """Link the triangles.

        Args:
            triangles: ``(n, 3, 3)`` corners [m].
            area_names: The name of each triangle's area.

        Raises:
            NavMeshError: No triangle has any area seen from above.
        """
        corners = np.asarray(triangles, np.float64).reshape(-1, 3, 3)
        doubled = _cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        kept = np.abs(doubled) > 1e-8
        if not kept.any():
            raise NavMeshError("The NavMesh is empty: it has no triangle on which anybody could walk.")
        corners = np.where((doubled < 0)[:, None, None], corners[:, ::-1], corners)[kept]
        self._corners = corners
        self._size = 0.5 * np.abs(doubled[kept])
        self._names = np.array(list(area_names), dtype=object)[kept]
        self.areas: tuple[str, ...] = tuple(sorted(set(self._names.tolist())))
        self._slope = _slopes(corners)
        self._portals = link(corners)
        self._walls = wall_segments(corners, self._portals)
        self._component = self._components()
        self._grid = _Grid(corners)

    # ---- where is it -------------------------------------------------------------------------------------------

    def closest_points(self, points: np.ndarray, *, reach: float = 2.0) -> np.ndarray:
        """Return the nearest point on the surface for each of ``(n, 3)``; NaN where none is within reach [m]."""
        return np.array([self._nearest(point, reach)[0] for point in _points(points)]).reshape(-1, 3)

    def distance_to_wall(self, points: np.ndarray, *, reach: float = 5.0) -> np.ndarray:
        """Return the distance to the nearest edge of the surface ``(n,)`` [m], at most ``reach``; 0 off the surface."""
        points = _points(points)
        distances = np.full(len(points), float(reach))
        if len(self._walls):
            start, along = self._walls[:, 0], self._walls[:, 1] - self._walls[:, 0]
            squared = np.maximum((along[:, :2] ** 2).sum(axis=1), 1e-12)
            for row, point in enumerate(points):
                share = np.clip(((point - start)[:, :2] * along[:, :2]).sum(axis=1) / squared, 0.0, 1.0)
                gap = start + share[:, None] * along - point
                flat = np.where(np.abs(gap[:, 2]) < 2.0, np.hypot(gap[:, 0], gap[:, 1]), np.inf)
                distances[row] = min(reach, flat.min())
        on_surface = [self._locate(point) >= 0 for point in points]
        return np.where(on_surface, distances, 0.0)

    def triangles(self) -> np.ndarray:
        """Return the surface as ``(n, 3, 3)`` float32 triangles."""
        return self._corners.astype(np.float32)

    # ---- random ------------------------------------------------------------------------------------------------

    def random_points(self, rng: np.random.Generator, count: int, *, areas: Sequence[str] = ()) -> np.ndarray:
        """Return ``(count, 3)`` points spread evenly over the surface, or over the named areas.

        Raises:
            NavMeshError: An area does not exist; the message lists those that do.
        """
        return self._draw(rng.random((count, 3)), np.flatnonzero(self._allowed(areas)))

    def random_points_around(
        self, rng: np.random.Generator, center: np.ndarray, radius: float, count: int, *, areas: Sequence[str] = ()
    ) -> np.ndarray:
        """Return up to ``count`` points ``(n, 3)`` within a straight distance that are reachable from the centre."""
        center = _points(center)[0]
        foot, triangle = self._nearest(center, CLOSE)
        if triangle < 0:
            return np.zeros((0, 3))
        lower, upper = self._corners.min(axis=1), self._corners.max(axis=1)
        near = (lower[:, :2] <= foot[:2] + radius).all(axis=1) & (upper[:, :2] >= foot[:2] - radius).all(axis=1)
        usable = np.flatnonzero(near & (self._component == self._component[triangle]) & self._allowed(areas))
        found = np.zeros((0, 3))
        for _ in range(8):
            if len(found) >= count or not len(usable):
                break
            drawn = self._draw(rng.random((4 * count, 3)), usable)
            found = np.concatenate([found, drawn[np.linalg.norm(drawn - foot, axis=1) <= radius]])
        return found[:count]

    def _draw(self, numbers: np.ndarray, usable: np.ndarray) -> np.ndarray:
        shares = np.cumsum(self._size[usable])
        chosen = usable[np.minimum(np.searchsorted(shares, numbers[:, 0] * shares[-1], "right"), len(usable) - 1)]
        root, v = np.sqrt(numbers[:, 1])[:, None], numbers[:, 2][:, None]
        a, b, c = (self._corners[chosen, corner] for corner in range(3))
        return np.asarray((1 - root) * a + root * (1 - v) * b + root * v * c)

    # ---- ways --------------------------------------------------------------------------------------------------

    def path(self, start: np.ndarray, end: np.ndarray, *, areas: Sequence[str] = ()) -> Path | None:
        """Return a shortest path, or None when either end is farther than `CLOSE` from the surface.

        Who starts outside ``areas`` first walks into them by the way that leaves foreign ground soonest.
        """
        allowed = self._allowed(areas)
        first, begin = self._nearest(_points(start)[0], CLOSE)
        last, goal = self._nearest(_points(end)[0], CLOSE, allowed)
        if begin < 0 or goal < 0:
            return None
        costs = np.where(allowed, 1.0, np.inf if allowed[begin] else _FOREIGN)
        costs[begin] = min(costs[begin], _FOREIGN)
        corridor, reached = self._search(begin, goal, first, last, costs)
        if reached != goal:
            last = _in_triangle(self._corners[reached], self._slope[reached], last)
        points = _pull_taut(first, last, corridor)
        return Path(points=self._shortened(points) if allowed.all() else points, complete=reached == goal)

    def paths(self, starts: np.ndarray, ends: np.ndarray) -> list[Path | None]:
        """Return many shortest paths at once; ``(n, 3)`` each."""
        return [self.path(start, end) for start, end in zip(_points(starts), _points(ends), strict=True)]

    def raycast(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Return for each straight walk the fraction ``(n,)`` that is free of walls; 0 for starts off the surface."""
        return np.array([self._walk(start, end) for start, end in zip(_points(starts), _points(ends), strict=True)])

    def move_along_surface(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Slide each point from start towards end without leaving the surface; NaN for starts off the surface."""
        moves = zip(_points(starts), _points(ends), strict=True)
        return np.array([self._slide(start, end) for start, end in moves]).reshape(-1, 3)

    def _search(
        self, begin: int, goal: int, first: np.ndarray, last: np.ndarray, costs: np.ndarray
    ) -> tuple[list[Portal], int]:
        """Return the portals to pass (A* over triangles, entered at portal middles) and the triangle reached."""
        best: dict[int, float] = {begin: 0.0}
        came: dict[int, tuple[int, Portal]] = {}
        entered = {begin: first}
        closed: set[int] = set()
        queue = [(float(np.linalg.norm(last - first)), begin)]
        nearest, nearest_distance = begin, np.inf
        while queue:
            _, triangle = heapq.heappop(queue)
            if triangle in closed:
                continue
            closed.add(triangle)
            foot = _in_triangle(self._corners[triangle], self._slope[triangle], last)
            left = float(np.linalg.norm(foot - last))
            if left < nearest_distance:
                nearest, nearest_distance = triangle, left
            if triangle == goal:
                nearest = goal
                break
            for portal in self._portals[triangle]:
                if portal.to in closed or not np.isfinite(costs[portal.to]):
                    continue
                middle = (portal.left + portal.right) / 2.0
                cost = best[triangle] + costs[triangle] * float(np.linalg.norm(middle - entered[triangle]))
                if cost < best.get(portal.to, np.inf):
                    best[portal.to], came[portal.to], entered[portal.to] = cost, (triangle, portal), middle
                    heapq.heappush(queue, (cost + float(np.linalg.norm(last - middle)), portal.to))
        corridor = []
        at = nearest
        while at != begin:
            at, portal = came[at]
            corridor.append(portal)
        return corridor[::-1], nearest

    def _shortened(self, points: np.ndarray) -> np.ndarray:
        """Leave out corners that a straight walk does not need: a corridor of triangles is not always the best."""
        kept = [0]
        while kept[-1] < len(points) - 1:
            at = kept[-1]
            further = range(len(points) - 1, at + 1, -1)
            kept.append(next((to for to in further if self._walk(points[at], points[to]) >= 1.0), at + 1))
        return points[kept]

    def _walk(self, start: np.ndarray, end: np.ndarray) -> float:
        triangle = self._locate(start)
        if triangle < 0:
            return 0.0
        seen = {triangle}
        while True:
            if _inside(self._corners[triangle], end, 1e-9):
                return 1.0
            share = _leaves_at(self._corners[triangle], start, end)
            exit_point = start[:2] + share * (end - start)[:2]
            through = [
                portal.to for portal in self._portals[triangle] if portal.to not in seen and portal.holds(exit_point)
            ]
            if not through:
                return min(1.0, share)
            triangle = max(through, key=lambda index: _leaves_at(self._corners[index], start, end))
            seen.add(triangle)

    def _slide(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return the point nearest to ``end`` on the triangles that hang together around the move."""
        triangle = self._locate(start)
        if triangle < 0:
            return np.full(3, np.nan)
        middle, radius = (start + end)[:2] / 2.0, float(np.hypot(*(end - start)[:2])) / 2.0 + 0.01
        best, best_distance = start, np.inf
        todo, seen = [triangle], {triangle}
        while todo:
            index = todo.pop()
            point = _in_triangle(self._corners[index], self._slope[index], end)
            distance = float(np.hypot(*(point - end)[:2]))
            if distance < best_distance - _EPS:
                best, best_distance = point, distance
            for portal in self._portals[index]:
                if portal.to not in seen and portal.distance(middle) <= radius:
                    seen.add(portal.to)
                    todo.append(portal.to)
        return best

    # ---- inside ------------------------------------------------------------------------------------------------

    def _allowed(self, areas: Sequence[str]) -> np.ndarray:
        unknown = [name for name in areas if name not in self.areas]
        if unknown:
            existing = ", ".join(f'"{name}"' for name in self.areas)
            raise NavMeshError(
                f'NavMesh area "{unknown[0]}" does not exist. This stage has: {existing}. Leave the list empty to use '
                "all of the surface, or name the area in the stage."
            )
        return np.isin(self._names, list(areas)) if areas else np.ones(len(self._names), bool)

    def _locate(self, point: np.ndarray, most: float = 2.0) -> int:
        """Return the triangle under or over a point, or -1."""
        chosen, gap = -1, most
        for index in self._grid.at(point):
            if _inside(self._corners[index], point, 1e-4):
                off = abs(_height(self._corners[index], self._slope[index], point) - point[2])
                if off < gap:
                    chosen, gap = index, off
        return chosen

    def _nearest(self, point: np.ndarray, reach: float, allowed: np.ndarray | None = None) -> tuple[np.ndarray, int]:
        """Return the nearest point of the surface and its triangle, or NaN and -1."""
        index = self._locate(point, max(reach, 2.0) if reach >= CLOSE else reach)
        if index >= 0 and (allowed is None or allowed[index]):
            return np.array([point[0], point[1], _height(self._corners[index], self._slope[index], point)]), index
        best, chosen, least = np.full(3, np.nan), -1, reach
        for index in self._grid.around(point, reach):
            if allowed is not None and not allowed[index]:
                continue
            foot = _in_triangle(self._corners[index], self._slope[index], point)
            if abs(foot[2] - point[2]) > max(reach, 2.0):
                continue
            distance = float(np.hypot(*(foot - point)[:2]))
            if distance < least:
                best, chosen, least = foot, index, distance
        return best, chosen

    def _components(self) -> np.ndarray:
        component = np.full(len(self._corners), -1)
        for seed in range(len(component)):
            if component[seed] >= 0:
                continue
            todo = [seed]
            component[seed] = seed
            while todo:
                for portal in self._portals[todo.pop()]:
                    if component[portal.to] < 0:
                        component[portal.to] = seed
                        todo.append(portal.to)
        return component


class _Grid:
    """Finds the triangles near a point, seen from above."""

    def __init__(self, corners: np.ndarray):
        lower, upper = corners[..., :2].min(axis=1), corners[..., :2].max(axis=1)
        self._origin = lower.min(axis=0)
        extent = float((upper.max(axis=0) - self._origin).max())
        self._cell = max(float(np.median((upper - lower).max(axis=1))), extent / 512.0, 0.25)
        self._cells: dict[tuple[int, int], list[int]] = {}
        first, last = self._key(lower - 1e-3), self._key(upper + 1e-3)
        for index in range(len(corners)):
            for x in range(first[index, 0], last[index, 0] + 1):
                for y in range(first[index, 1], last[index, 1] + 1):
                    self._cells.setdefault((x, y), []).append(index)

    def at(self, point: np.ndarray) -> Sequence[int]:
        x, y = self._key(point[None, :2])[0].tolist()
        return self._cells.get((x, y), ())

    def around(self, point: np.ndarray, reach: float) -> Iterator[int]:
        (x0, y0), (x1, y1) = self._key(np.stack([point[:2] - reach, point[:2] + reach])).tolist()
        seen: set[int] = set()
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                for index in self._cells.get((x, y), ()):
                    if index not in seen:
                        seen.add(index)
                        yield index

    def _key(self, points: np.ndarray) -> np.ndarray:
        return np.floor((points - self._origin) / self._cell).astype(np.int64)


def _points(points: np.ndarray) -> np.ndarray:
    return np.asarray(points, np.float64).reshape(-1, 3)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _slopes(corners: np.ndarray) -> np.ndarray:
    """Return the rise ``(n, 2)`` of each triangle's plane along x and y."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return -normal[:, :2] / normal[:, 2:]


def _height(corners: np.ndarray, slope: np.ndarray, point: np.ndarray) -> float:
    return float(corners[0, 2] + slope[0] * (point[0] - corners[0, 0]) + slope[1] * (point[1] - corners[0, 1]))


def _inside(corners: np.ndarray, point: np.ndarray, tolerance: float) -> bool:
    """Return whether a point lies in a counter-clockwise triangle, seen from above, up to a distance."""
    for a, b in ((0, 1), (1, 2), (2, 0)):
        ex, ey = corners[b, 0] - corners[a, 0], corners[b, 1] - corners[a, 1]
        side = ex * (point[1] - corners[a, 1]) - ey * (point[0] - corners[a, 0])
        if side < -tolerance * max((ex * ex + ey * ey) ** 0.5, 1e-9):
            return False
    return True


def _in_triangle(corners: np.ndarray, slope: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Return the point of a triangle that is nearest to a point, seen from above."""
    if _inside(corners, point, 0.0):
        return np.array([point[0], point[1], _height(corners, slope, point)])
    start, along = corners, np.roll(corners, -1, axis=0) - corners
    squared = np.maximum((along[:, :2] ** 2).sum(axis=1), 1e-12)
    share = np.clip(((point - start)[:, :2] * along[:, :2]).sum(axis=1) / squared, 0.0, 1.0)
    feet = start + share[:, None] * along
    return np.asarray(feet[int(np.hypot(*(feet - point)[:, :2].T).argmin())])


def _leaves_at(corners: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Return the share of the way from start to end at which the line through both leaves a triangle."""
    direction = (end - start)[:2]
    share = np.inf
    for a, b in ((0, 1), (1, 2), (2, 0)):
        edge = (corners[b] - corners[a])[:2]
        away = direction[0] * edge[1] - direction[1] * edge[0]
        if away > 1e-12:  # heads out over this edge
            offset = (corners[a] - start)[:2]
            share = min(share, float(offset[0] * edge[1] - offset[1] * edge[0]) / float(away))
    return max(0.0, share)


def _pull_taut(first: np.ndarray, last: np.ndarray, corridor: Sequence[Portal]) -> np.ndarray:
    """Return the corners ``(n, 3)`` of the shortest way through a corridor (funnel algorithm: Mononen, 2010)."""
    lefts = [*(portal.left for portal in corridor), last]
    rights = [*(portal.right for portal in corridor), last]
    points = [first]
    apex, left, right = first, first, first
    left_at = right_at = index = 0
    while index < len(lefts):
        new_left, new_right = lefts[index], rights[index]
        if _cross(right - apex, new_right - apex) >= 0:
            if _same(apex, right) or _cross(left - apex, new_right - apex) < 0:
                right, right_at = new_right, index
            else:
                points.append(left)
                apex = right = left
                right_at = index = left_at
                index += 1
                continue
        if _cross(left - apex, new_left - apex) <= 0:
            if _same(apex, left) or _cross(right - apex, new_left - apex) > 0:
                left, left_at = new_left, index
            else:
                points.append(right)
                apex = left = right
                left_at = index = right_at
                index += 1
                continue
        index += 1
    points.append(last)
    kept = [points[0], *(after for before, after in pairwise(points) if not _same(before, after))]
    return np.array(kept if len(kept) > 1 else [first, last])


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.hypot(a[0] - b[0], a[1] - b[1]) < 1e-6)
