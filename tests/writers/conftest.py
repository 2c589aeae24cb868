import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the doubles beside the tests
sys.path.insert(0, str(Path(__file__).parent.parent / "capture"))  # the scenes of boxes
