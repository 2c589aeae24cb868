from typing import Any

import omni.replicator.core

def get(
    name: str, init_params: Any = None, device: str = "cpu", do_array_copy: bool = True
) -> omni.replicator.core.Annotator: ...
