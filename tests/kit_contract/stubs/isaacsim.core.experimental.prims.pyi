from typing import Any

class XformPrim:
    def __init__(
        self,
        paths: Any,
        *,
        resolve_paths: bool = True,
        positions: Any = None,
        translations: Any = None,
        orientations: Any = None,
        scales: Any = None,
        reset_xform_op_properties: bool = False,
    ) -> None: ...
    def set_world_poses(self, positions: Any = None, orientations: Any = None, *, indices: Any = None) -> None: ...
