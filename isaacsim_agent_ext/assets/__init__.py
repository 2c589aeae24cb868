"""Finding, downloading and listing assets."""
