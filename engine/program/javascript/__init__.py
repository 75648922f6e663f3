"""Programs as JavaScript."""
