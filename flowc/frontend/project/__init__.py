"""The project around a flow: its files and modules, read without importing any."""
