"""One step rendered for a platform, once, for backends and launch."""
