from typing import Any

import omni.replicator.core

def render_product(
    camera: Any, resolution: tuple[int, int], force_new: bool = False, name: Any = None
) -> omni.replicator.core.HydraTexture: ...
def camera(position: Any = None, rotation: Any = None, look_at: Any = None, focal_length: float = 24.0) -> Any: ...
