"""CloudFormation templates that deploy state machines and Batch jobs."""
