from kit_contract.marks import entry

@entry("log_info")
def log_info(msg: str, /) -> None: ...
@entry("log_info")
def log_warn(msg: str, /) -> None: ...
@entry("log_info")
def log_error(msg: str, /) -> None: ...
@entry("log_info")
def log_verbose(msg: str, /) -> None: ...

class Float3:
    x: float
    y: float
    z: float
    def __init__(self, x: float, y: float, z: float, /) -> None: ...

class Float4:
    x: float
    y: float
    z: float
    w: float
    def __init__(self, x: float, y: float, z: float, w: float, /) -> None: ...
