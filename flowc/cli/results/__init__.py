"""Reading results on the command line: which run is meant, what is known of it, and how it is shown."""
