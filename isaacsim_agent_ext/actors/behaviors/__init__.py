"""The behaviors of the config as generators of actions."""
