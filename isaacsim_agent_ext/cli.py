"""The entry point of ``isaacsim-agent``: nothing but what a Ctrl-C needs from the first moment on.

All else is in `isaacsim_agent_ext.command_line`, which takes a while to import.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: The arguments after the program's name; those of the process by default.
    """
    try:
        from isaacsim_agent_ext.command_line import main as run

        return run(argv)
    except KeyboardInterrupt:  # before a command could take care of it
        print("stopped before anything was done", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
