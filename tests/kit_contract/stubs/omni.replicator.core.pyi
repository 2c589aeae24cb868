from typing import Annotated, Any

from kit_contract.marks import entry

def set_global_seed(seed: int, /) -> None: ...

class AnnotatorRegistry:
    @classmethod
    def get_annotator(
        cls,
        name: str,
        init_params: Any = None,
        render_product_idxs: Any = None,
        device: str | None = None,
        do_array_copy: bool = True,
    ) -> Annotator: ...

class Annotator:
    def attach(self, render_products: Any, /) -> Annotator: ...
    @entry("Annotator.attach")
    def detach(self, render_products: Any = None, /) -> None: ...
    def get_data(self, device: str | None = None, do_array_copy: bool | None = None) -> Any: ...

class Writer:
    version: str
    data_structure: str
    annotators: list[Annotator]
    backend: Any
    def initialize(self, **kwargs: Any) -> None: ...
    def attach(self, render_products: Any, /, trigger: Any = "omni.replicator.core.OgnOnFrame") -> None: ...
    @entry("Writer.attach")
    async def attach_async(self, render_products: Any, /, trigger: Any = "omni.replicator.core.OgnOnFrame") -> None: ...
    def detach(self) -> None: ...
    def write(self, data: dict[str, Any]) -> None: ...
    def on_final_frame(self) -> None: ...

class WriterRegistry:
    _default_writers: Annotated[list[str], entry("WriterRegistry.get_writers")]
    @classmethod
    def register(cls, writer: Any, /, category: str | None = None) -> None: ...
    @classmethod
    def get(cls, name: str, /, init_params: Any = None, render_products: Any = None, trigger: Any = None) -> Writer: ...
    @classmethod
    def get_writers(cls) -> dict[str, Any]: ...

@entry("BackendDispatch")
class BackendDispatch:
    output_dir: str
    def __init__(
        self,
        paths: Any = None,
        /,
        *,
        output_dir: str = "",
        overwrite: bool = False,
        key_prefix: str = "",
        bucket: str = "",
        endpoint_url: str = "",
        region: str = "",
    ) -> None: ...
    def write_image(self, path: str, data: Any, /) -> None: ...
    def write_blob(self, path: str, data: bytes, /) -> None: ...
    def write_array(self, path: str, data: Any, /) -> None: ...
    def write_json(self, path: str, data: Any, /) -> None: ...
    @entry("omni.replicator.core.backends:BaseBackend.schedule")
    def schedule(self, fn: Any, /, data: Any = ..., path: str = ...) -> None: ...
    @staticmethod
    def is_done_writing() -> bool: ...

@entry("create.render_product")
class HydraTexture:
    path: str
    hydra_texture: HydraTextureUpdates
    def destroy(self) -> None: ...

@entry("create.render_product")
class HydraTextureUpdates:
    def set_updates_enabled(self, enabled: bool, /) -> None: ...
