# ruff: noqa: F811 - one definition per version
from typing import Any

from kit_contract.marks import only

class SimulationManager:
    @classmethod
    def setup_simulation(cls, dt: float | None = None, device: str | None = None) -> None: ...
    @only("5.1")
    @classmethod
    def step(cls, render: bool = False) -> None: ...
    @only("6.0")
    @classmethod
    def step(cls, *, steps: int = 1, callback: Any = None, update_fabric: bool = False) -> None: ...
    @classmethod
    def initialize_physics(cls) -> None: ...
    @classmethod
    def set_physics_dt(cls, dt: float = 1 / 60, physics_scene: Any = None) -> None: ...
    @classmethod
    def get_simulation_time(cls) -> float: ...
