"""What an editor sees of flowc: `findings` judges open texts, `protocol` words it, `server` listens."""
