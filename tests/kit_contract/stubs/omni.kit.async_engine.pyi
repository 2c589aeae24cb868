import asyncio
from typing import Any

def run_coroutine(coro: Any, /) -> asyncio.Task[Any]: ...
