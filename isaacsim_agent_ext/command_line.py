"""The command line ``isaacsim-agent``: runs the standalone host, checks configs, tells what a machine can do."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from isaacsim_agent_ext import __version__
from isaacsim_agent_ext.commands import doctor, migrate, run, schema, ui, validate
from isaacsim_agent_ext.commands.output import survive_closed_pipes
from isaacsim_agent_ext.errors import AgentError, ConfigError, OutputError, RunCancelled

DESCRIPTION = """\
Turn a YAML config into labelled synthetic data of people and robots at work, without Isaac Sim, on any machine.

  isaacsim-agent run config.yaml --output out     make the dataset
  isaacsim-agent ui config.yaml                   edit a config in the panel
  isaacsim-agent validate config.yaml             find every mistake in a config, without loading assets
  isaacsim-agent schema character.groups          explain the keys of a config
  isaacsim-agent migrate old.yaml                 convert a config of version 0
  isaacsim-agent doctor                           tell what is installed and what is missing
"""

EXIT_CODES = """\
exit codes:
  0    done
  1    a fault in this program (a report is written; please send it to us)
  2    the config or the command line is wrong: every mistake is listed
  3    an asset is missing, too large, unreachable or broken
  4    the stage or its NavMesh cannot be used
  5    people or cameras cannot be placed as asked
  6    something that the job needs is not installed, or the device is not there
  7    the dataset cannot be written (disk full, no permission)
  8    a worker process died
  9    the code of a plug-in failed
  130  stopped with Ctrl-C; everything written so far is whole
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="isaacsim-agent",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"isaacsim-agent {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (run, ui, validate, schema, migrate, doctor):
        sub = commands.add_parser(
            command.__name__.rpartition(".")[2],
            help=command.HELP,
            description=command.DESCRIPTION,
            epilog=command.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--json", action="store_true", help="print one JSON object on standard output, for programs")
        sub.add_argument("--debug", action="store_true", help="on an error, show the Python traceback too")
        command.add_arguments(sub)
        sub.set_defaults(execute=command.execute)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: The arguments after the program's name; those of the process by default.
    """
    with survive_closed_pipes():
        return _execute(build_parser().parse_args(argv))


def _execute(arguments: argparse.Namespace) -> int:
    try:
        code: int = arguments.execute(arguments)
    except AgentError as error:
        code = _tell_error(error, arguments)
    except KeyboardInterrupt:
        code = _tell_error(RunCancelled("stopped"), arguments)
    except OSError as error:
        code = _tell_error(OutputError(f"{error.filename or 'the system'}: {error.strerror or error}"), arguments)
    except Exception as error:  # a fault of ours: keep the traceback for us, not for the user
        code = _tell_fault(error, arguments)
    return code


def _tell_error(error: AgentError, arguments: argparse.Namespace) -> int:
    if arguments.debug:
        traceback.print_exc()
    if arguments.json:
        problems = [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "key_path": problem.key_path,
                "message": problem.message,
                "severity": problem.severity,
            }
            for problem in (error.problems if isinstance(error, ConfigError) else ())
        ]
        body = {"kind": type(error).__name__, "message": str(error), "problems": problems}
        print(json.dumps({"ok": False, "exit_code": error.exit_code, "error": body}))
    else:
        count = len(error.problems) if isinstance(error, ConfigError) else 0
        print(str(error), file=sys.stderr)
        if count > 1:
            print(f"{count} problems; nothing was loaded or written", file=sys.stderr)
    return error.exit_code


def _tell_fault(error: Exception, arguments: argparse.Namespace) -> int:
    import tempfile  # here, because it is slow to import

    if arguments.debug:
        traceback.print_exc()
    report = Path(tempfile.gettempdir()) / f"isaacsim-agent-fault-{time.strftime('%Y%m%d-%H%M%S')}.txt"
    report.write_text(f"isaacsim-agent {__version__}\narguments: {vars(arguments)}\n\n{traceback.format_exc()}")
    message = (
        f"this is a fault in isaacsim-agent, not in your config: {type(error).__name__}: {error}\n"
        f"what happened is written in {report}; please send it to us"
    )
    if arguments.json:
        body = {"kind": "Fault", "message": message, "problems": []}
        print(json.dumps({"ok": False, "exit_code": 1, "error": body}))
    else:
        print(message, file=sys.stderr)
    return 1
