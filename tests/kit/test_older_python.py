"""Isaac Sim 5.1 has Python 3.11: whatever needs no newer library has to import there.

``PYTHON311`` names the Python to try; with NumPy, PyYAML, jsonschema and usd-core in it, more of the package is.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "isaacsim_agent_ext"

PROGRAM = """
import ast, importlib, json, pathlib, sys

root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root))
problems, imported = [], 0
for file in sorted([*(root / "isaacsim_agent_ext").rglob("*.py"), *(root / "tools/kit").glob("*.py")]):
    name = file.relative_to(root).as_posix()
    tree = ast.parse(file.read_text("utf-8"), name)  # by the grammar of this Python
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level):
        if node.module.partition(".")[0] in sys.stdlib_module_names:
            module = importlib.import_module(node.module)
            missing = [each.name for each in node.names if not hasattr(module, each.name)]
            problems += [f"{name}:{node.lineno}: no {node.module}.{each}" for each in missing]
    if not name.startswith("isaacsim_agent_ext"):
        continue
    try:
        importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        imported += 1
    except ImportError as missing:  # as our own of packages that are not installed
        top = (missing.name or "").partition(".")[0]
        if top in sys.stdlib_module_names or top == "isaacsim_agent_ext":
            problems.append(f"{name}: {missing}")
    except Exception as error:
        problems.append(f"{name}: {type(error).__name__}: {error}")
json.dump({"problems": problems, "imported": imported}, sys.stdout)
"""


def python_311() -> str | None:
    """Return a Python 3.11, or None where there is none."""
    candidates = [os.environ.get("PYTHON311"), "/usr/bin/python3.11", shutil.which("python3.11")]
    candidates += map(str, sorted(Path.home().glob(".pyenv/versions/3.11.*/bin/python3.11")))
    for candidate in filter(None, candidates):
        # A shim of pyenv may stand for a version that is not there.
        if subprocess.run([candidate, "-c", "import ctypes"], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def test_the_package_imports_on_python_311():
    python = python_311()
    if python is None:
        pytest.skip("there is no Python 3.11 here")
    result = subprocess.run([python, "-B", "-c", PROGRAM, str(ROOT)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["problems"] == []
    assert answer["imported"] > 10
