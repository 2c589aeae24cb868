"""Behavior trees: JSON files that say what actors do, and how they are carried out."""
