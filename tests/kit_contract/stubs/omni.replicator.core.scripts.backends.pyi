from typing import Any

from kit_contract.marks import entry

@entry("BackendGroup")
class BackendGroup:
    _backends: Any
    def __init__(self, backends: Any, /) -> None: ...
