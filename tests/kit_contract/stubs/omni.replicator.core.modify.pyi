from typing import Any

from kit_contract.marks import entry, only

def pose(*, position: Any = None, rotation: Any = None, scale: Any = None, look_at: Any = None) -> Any: ...
@only("5.1")
@entry("omni.replicator.core:functional.modify.semantics")
def semantics(semantics: Any, /) -> Any: ...
