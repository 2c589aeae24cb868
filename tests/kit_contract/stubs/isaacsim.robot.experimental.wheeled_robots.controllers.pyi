from typing import Any

from kit_contract.marks import entry

class DifferentialController:
    def __init__(
        self,
        *,
        wheel_radius: float,
        wheel_base: float,
        max_linear_speed: float = 1e20,
        max_angular_speed: float = 1e20,
        max_wheel_speed: float = 1e20,
    ) -> None: ...
    @entry("DifferentialController")
    def forward(self, command: Any, /) -> Any: ...
