from typing import Any

from kit_contract.marks import entry

class DifferentialController:
    def __init__(self, name: str, wheel_radius: float, wheel_base: float) -> None: ...
    @entry("DifferentialController")
    def forward(self, command: Any) -> Any: ...
