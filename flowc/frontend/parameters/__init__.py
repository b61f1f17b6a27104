"""Parameters, included files and configurations."""
