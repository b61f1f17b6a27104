"""Expressions evaluated without running anything."""
