"""Settings: from files, variables and flags to `Settings`."""
