"""`self.next`: every call on every path, judged."""
