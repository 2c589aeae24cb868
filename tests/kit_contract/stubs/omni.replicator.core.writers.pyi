from typing import Any

import omni.replicator.core
from kit_contract.marks import entry

def unregister_writer(writer: Any, /) -> None: ...
@entry("omni.replicator.core:WriterRegistry.register")
def register_writer(writer: Any, /, category: str | None = None) -> None: ...
@entry("omni.replicator.core:WriterRegistry.get")
def get(
    name: str, /, init_params: Any = None, render_products: Any = None, trigger: Any = None
) -> omni.replicator.core.Writer: ...
