"""Robots: what their own files say, where they start, how they drive, and how their wheels turn."""
