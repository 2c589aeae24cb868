"""What the panel shows and does, without any widget."""
