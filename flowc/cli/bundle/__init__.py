"""A bundle on disk: written whole, compared in words."""
