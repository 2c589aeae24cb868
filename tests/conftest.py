"""What all tests share: property tests draw the same examples on every run and every machine."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, print_blob=True)
settings.load_profile("repeatable")
