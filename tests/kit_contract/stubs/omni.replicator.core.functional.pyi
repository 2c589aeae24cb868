from typing import Any

from kit_contract.marks import entry

def write_image(*, path: str, data: Any) -> None: ...
@entry("write_image")
def write_json(*, path: str, data: Any) -> None: ...
