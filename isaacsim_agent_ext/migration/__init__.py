"""From configs and command files of Replicator Agent 0.x to configs of 1.x."""
