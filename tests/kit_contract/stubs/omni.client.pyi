from enum import Enum
from typing import Any

from kit_contract.marks import entry

def list(url: str) -> tuple[Result, Any]: ...
@entry("list")
async def list_async(url: str) -> tuple[Result, Any]: ...
def stat(url: str) -> tuple[Result, ListEntry]: ...
@entry("stat")
async def stat_async(url: str) -> tuple[Result, ListEntry]: ...
def read_file(url: str) -> tuple[Result, str, Any]: ...

@entry("Result.OK")
class Result(Enum):
    OK = 0

@entry("list")
class ListEntry:
    relative_path: str
    flags: int
    size: int
