"""What a target can say, without saying how: features, limits, settings, the worker-budget rule."""
