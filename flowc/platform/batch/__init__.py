"""One step as an AWS Batch job."""
