"""Racking and the goods in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..props.cartons import SIZES
from ..props.pallets import HEIGHT as PALLET_HEIGHT
from ..props.racks import BAY, LEVELS
from .scene import Scene

_STACKABLE = (
    "SM_CardBoxA_01",
    "SM_CardBoxA_02",
    "SM_CardBoxB_01",
    "SM_CardBoxC_01",
    "SM_CardBoxD_01",
    "SM_CardBoxB_02",
)
_LOADS = ("cartons", "wrapped", "drums", "crates", "empties", "nothing")


class Put(Protocol):
    """Puts a prop on a pallet."""

    def __call__(self, prop: str, dx: float, dy: float, lift: float, turn: float = 0.0) -> None:
        """Offsets along the pallet [m], height above its deck [m], turn [degrees]."""


@dataclass(frozen=True)
class RackRow:
    """Bays side by side along x.

    Attributes:
        name: Group name.
        x: Where it starts [m].
        y: Its middle line [m].
        bays: Number of bays.
        levels: Beam levels above the floor, at most four.
        fill: Share of pallet places that hold something.
        sides: Sides that traffic passes, -1 for -y and 1 for +y: their end posts get guards.
    """

    name: str
    x: float
    y: float
    bays: int
    levels: int = 4
    fill: float = 0.82
    sides: tuple[int, ...] = (-1, 1)

    @property
    def end(self) -> float:
        """Where it ends [m]."""
        return self.x + self.bays * BAY


def add_rack_row(scene: Scene, row: RackRow, rng: np.random.Generator) -> None:
    """Set up one row, fill it, and guard its ends."""
    group = f"Racks/{row.name}"
    # A row of fewer levels has shorter frames: the same frame, sunk no deeper than its scale.
    scale = None if row.levels == 4 else (1.0, 1.0, (LEVELS[row.levels - 1] + 0.6) / 7.2)
    for k in range(row.bays + 1):
        scene.put(group, "SM_RackFrame_01", (row.x + k * BAY, row.y, 0.0), scale=scale)
    for k in range(row.bays):
        for z in LEVELS[: row.levels]:
            scene.put(group, "SM_RackShelf_01", (row.x + (k + 0.5) * BAY, row.y, z))
    for k in (0, row.bays):
        for side in row.sides:
            turn = 0.0 if side < 0 else 180.0
            scene.put(group, "SM_RackGuard_01", (row.x + k * BAY, row.y + side * 0.60, 0.0), turn)
    scene.put(group, "SM_LoadSign_01", (row.x - 0.06, row.y, 2.0))
    scene.put(group, "SM_LoadSign_01", (row.end + 0.06, row.y, 2.0), 180.0)
    _fill_row(scene, row, rng)


def _fill_row(scene: Scene, row: RackRow, rng: np.random.Generator) -> None:
    goods = f"Goods/{row.name}"
    for bay in range(row.bays):
        favourite = _STACKABLE[int(rng.integers(len(_STACKABLE)))]
        for level, z in enumerate((0.0, *LEVELS[: row.levels])):
            top = level == row.levels
            for slot in range(3):
                if rng.random() > (row.fill if not top else row.fill * 0.55):
                    continue
                x = row.x + (bay + 0.5) * BAY + (slot - 1) * 0.89 + rng.normal(0, 0.01)
                y = row.y + rng.normal(0, 0.015)
                carton = favourite if rng.random() < 0.7 else _STACKABLE[int(rng.integers(len(_STACKABLE)))]
                kind = str(rng.choice(_LOADS, p=(0.42, 0.38, 0.06, 0.06, 0.02, 0.06)))
                add_load(scene, goods, kind, (x, y, z), 90.0 + rng.normal(0, 0.8), rng, carton=carton)


def add_load(
    scene: Scene,
    group: str,
    kind: str,
    position: tuple[float, float, float],
    yaw: float,
    rng: np.random.Generator,
    *,
    carton: str = "SM_CardBoxA_01",
    height: float = 1.1,
) -> None:
    """Put a pallet with its load; ``kind`` is one of cartons, wrapped, drums, crates, empties, nothing."""
    x, y, z = position
    if kind == "wrapped":
        scene.put(group, "SM_WrappedLoad_01" if rng.random() < 0.6 else "SM_WrappedLoad_02", position, yaw)
        return
    if kind == "empties":
        scene.put(group, "SM_PaletteStack_01", position, yaw)
        return
    bare = ("SM_PaletteA_01", "SM_PaletteA_03", "SM_PaletteA_02")[int(rng.choice(3, p=(0.55, 0.3, 0.15)))]
    scene.put(group, bare, position, yaw)
    deck = z + PALLET_HEIGHT

    def put(prop: str, dx: float, dy: float, lift: float, turn: float = 0.0) -> None:
        c, s = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
        scene.put(group, prop, (x + c * dx - s * dy, y + s * dx + c * dy, deck + lift), yaw + turn)

    if kind == "cartons":
        _stack_cartons(put, carton, rng, height - PALLET_HEIGHT)
    elif kind == "drums":
        drum = f"SM_BarelPlastic_A_0{int(rng.integers(1, 4))}"
        for dx, dy in ((-0.3, -0.05), (0.31, 0.05)):
            put(drum, dx, dy, 0.0, float(rng.uniform(-40, 40)))
    elif kind == "crates":
        crate = ("SM_CratePlastic_A_01", "SM_CratePlastic_C_01", "SM_Tote_01")[int(rng.integers(3))]
        step = {"SM_CratePlastic_A_01": 0.222, "SM_CratePlastic_C_01": 0.302, "SM_Tote_01": 0.337}[crate]
        for column in range(4):
            for layer in range(int(rng.integers(1, 4))):
                put(crate, (column % 2 - 0.5) * 0.6, (column // 2 - 0.5) * 0.4, layer * step)


def _stack_cartons(put: Put, carton: str, rng: np.random.Generator, height: float) -> None:
    """Layers of one kind, the last one perhaps not full, each carton a little off."""
    length, width, tall = SIZES[carton]
    plain = (int(1.21 / length), int(0.81 / width), 0.0)
    turned = (int(1.21 / width), int(0.81 / length), 90.0)
    nx, ny, turn = max(plain, turned, key=lambda grid: grid[0] * grid[1])
    step_x, step_y = (length, width) if turn == 0.0 else (width, length)
    layers = max(1, min(int(height / tall), int(rng.integers(1, 4))))
    for layer in range(layers):
        places = [(i, j) for i in range(nx) for j in range(ny)]
        if layer == layers - 1 and layer > 0 and rng.random() < 0.6:
            keep = int(rng.integers(1, len(places) + 1))
            places = [places[k] for k in sorted(rng.permutation(len(places))[:keep].tolist())]
        for i, j in places:
            dx = (i - (nx - 1) / 2) * (step_x + 0.009) + rng.normal(0, 0.0015)
            dy = (j - (ny - 1) / 2) * (step_y + 0.009) + rng.normal(0, 0.0015)
            half = 180.0 * float(rng.integers(0, 2))
            put(carton, float(dx), float(dy), layer * tall, turn + half + float(rng.normal(0, 0.3)))
