"""What decorators say, checked and folded."""
