from typing import Any

def camera(
    *, position: Any = None, look_at: Any = None, rotation: Any = None, parent: Any = None, name: str = ""
) -> Any: ...
