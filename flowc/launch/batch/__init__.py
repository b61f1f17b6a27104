"""Tasks as jobs of AWS Batch: submitted, watched and terminated from here."""
