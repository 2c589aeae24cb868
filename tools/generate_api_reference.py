"""Write docs/reference/api.md from the docstrings of `isaacsim_agent_ext.api` and the table of events.

Usage: python tools/generate_api_reference.py [--check]

With --check nothing is written; the command ends with 1 when the page is stale.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # to run as a script where nothing is installed

from isaacsim_agent_ext import api
from isaacsim_agent_ext.events import ANNOUNCED
from isaacsim_agent_ext.session.agent_session import STATES, Progress
from isaacsim_agent_ext.session.report import RunReport

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "api.md"
INTRO = """# Script-editor API

Written from `isaacsim_agent_ext/api.py` by `tools/generate_api_reference.py`.
[From a script](../how-to/script-editor.md) shows how these functions go together.
"""
GROUPS: dict[str, tuple[Callable[..., object], ...]] = {
    "Config": (
        api.load_config_file,
        api.save_config_file,
        api.get_config_file_path,
        api.get_config,
        api.set_config,
        api.update_config,
        api.add_config_item,
        api.delete_config_item,
    ),
    "Jobs": (
        api.setup_simulation,
        api.setup_simulation_async,
        api.start_data_generation,
        api.start_data_generation_async,
        api.wait,
        api.cancel,
        api.pause,
        api.resume,
        api.get_progress,
        api.get_last_error,
        api.set_options,
        api.run,
    ),
    "Events": (api.dispatch_event, api.observe_event),
    "Hosts": (api.session, api.use),
}
COMPATIBILITY = """## Coming from `isaacsim.replicator.agent`

| There | Here |
|---|---|
| `IRA.get_config_file()` | `get_config()` |
| `await IRA.setup_simulation()` | `await setup_simulation_async()`; `setup_simulation()` starts it and returns |
| `config.replicator.writers["X"].parameters.output_dir` | `config.replicator.writers["X"].output_dir` |
| `save_config_file(path)` writes every key | writes what the config says; with `exclude_unset=False` every key |
| `IRAEvents.CONFIG_FILE_LOADED_EVENT` | `events.CONFIG_LOADED` |
| `IRAEvents.SET_UP_SIMULATION_DONE_EVENT` | `events.SET_UP_DONE` |
| `IRAEvents.DATA_GENERATION_DONE_EVENT` | `events.DATA_GENERATION_DONE` |
"""


def api_page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRO
    for paragraph in (inspect.getdoc(api) or "").split("\n\n"):
        if not paragraph.startswith((" ", "::")):  # the example is in the how-to, and run there
            yield _markdown(paragraph) + "\n"
    for heading, functions in GROUPS.items():
        yield f"## {heading}\n"
        for function in functions:
            yield from _function(function)
        if heading == "Jobs":
            yield "### Progress\n"
            yield f"`state` is one of {', '.join(f'`{state}`' for state in STATES)}.\n"
            yield from _attributes(Progress)
            yield "### RunReport\n"
            yield from _attributes(RunReport)
        if heading == "Events":
            yield from _events()
    yield COMPATIBILITY.rstrip()


def _function(function: Callable[..., object]) -> Iterator[str]:
    """Yield a function's heading, signature and docstring."""
    yield f"### {function.__name__}\n"
    keyword = "async def" if inspect.iscoroutinefunction(function) else "def"
    yield f"```python\n{keyword} {_signature(function)}: ...\n```\n"
    sections = re.split(r"\n(?=(?:Args|Returns|Raises):\n)", inspect.getdoc(function) or "")
    yield _markdown(sections[0]).strip() + "\n"
    for section in sections[1:]:
        title, _, body = section.partition(":\n")
        entries = _entries(body)
        if title == "Returns":
            yield f"**Returns** {_one_line(body)[0].lower()}{_one_line(body)[1:]}\n"
        else:
            yield f"**{'Arguments' if title == 'Args' else title}**\n"
            yield "\n".join(f"- `{name}`: {text}" for name, text in entries) + "\n"


def _signature(function: Callable[..., object]) -> str:
    """Return name, parameters and result, on several lines when they are long."""
    signature = inspect.signature(function)
    parameters = [_parameter(parameter) for parameter in signature.parameters.values()]
    keyword_only = [p.kind is p.KEYWORD_ONLY for p in signature.parameters.values()]
    if any(keyword_only):
        parameters.insert(keyword_only.index(True), "*")
    line = f"{function.__name__}({', '.join(parameters)}) -> {signature.return_annotation}"
    if len(line) <= 90:
        return line
    lines = "".join(f"    {text},\n" for text in parameters)
    return f"{function.__name__}(\n{lines}) -> {signature.return_annotation}"


def _parameter(parameter: inspect.Parameter) -> str:
    text = f"{parameter.name}: {parameter.annotation}"
    if parameter.default is parameter.empty:
        return text
    default = parameter.default
    shown = "..." if callable(default) else json.dumps(default) if isinstance(default, str) else repr(default)
    return f"{text} = {shown}"


def _entries(body: str) -> list[tuple[str, str]]:
    """Return name and text of every entry of an ``Args`` or ``Raises`` section."""
    entries = re.split(r"\n(?=    \w+: )", "\n" + body)
    pairs = (_one_line(entry).partition(": ") for entry in entries if entry.strip())
    return [(name, text) for name, _, text in pairs]


def _attributes(kind: type) -> Iterator[str]:
    summary, _, attributes = (inspect.getdoc(kind) or "").partition("\n\nAttributes:\n")
    yield _markdown(summary) + "\n"
    yield "\n".join(f"- `{name}`: {text}" for name, text in _entries(attributes)) + "\n"


def _events() -> Iterator[str]:
    yield "### What is announced\n"
    yield "The names are constants of `isaacsim_agent_ext.events`; inside Kit they are carb events.\n"
    yield "| Event | When | Payload |\n|---|---|---|"
    for event in ANNOUNCED:
        payload = "<br>".join(f"`{key}`: {text}" for key, text in event.payload.items())
        yield f"| `{event.name}` | {_markdown(event.when)} | {payload} |"
    yield ""


def _one_line(text: str) -> str:
    return _markdown(" ".join(text.split()))


def _markdown(text: str) -> str:
    """Return docstring text with its code in single backticks."""
    return text.replace("``", "`")


def main(argv: Sequence[str] | None = None, page: Path = PAGE) -> int:
    """Write or check the page; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")
    text = api_page()
    if parser.parse_args(argv).check:
        if page.exists() and page.read_text(encoding="utf-8") == text:
            return 0
        print(f"{page} is stale: run python tools/generate_api_reference.py", file=sys.stderr)
        return 1
    page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
