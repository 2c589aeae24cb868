import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from kit_double.fixtures import kit, kit_51, kit_60, kit_desktop  # noqa: F401
