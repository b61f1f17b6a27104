"""Bad luck, tried: runs that are killed, starved, raced and lied to, and what is left of them."""
