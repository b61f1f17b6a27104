"""What `flowc run` and `flowc resume` share: words, parameters, and where a run begins and ends."""
