"""One form per action: labels, types, limits, help and an example body."""
