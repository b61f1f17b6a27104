"""AWS Step Functions with AWS Batch."""
