"""Turn a YAML config into labelled synthetic data of people and robots at work.

Importing this package loads nothing heavy and does nothing: Kit, OpenUSD, Warp and omni.ui are imported by
the modules that need them. Start at `isaacsim_agent_ext.api`, or from a shell with ``isaacsim-agent --help``.
"""

__version__ = "0.1.0"
