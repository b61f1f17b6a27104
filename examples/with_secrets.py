"""`@secrets`: a source by name, or one whose keys become variables, set before the step begins."""

import os

from metaflow import FlowSpec, secrets, step


class WithSecrets(FlowSpec):
    """Log in with a password that no manifest holds."""

    @secrets(
        sources=[
            "warehouse-login",
            {
                "type": "aws-secrets-manager",
                "id": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:mail-AbCdEf",
            },
            {
                "type": "inline",
                "id": "sender",
                "options": {"env_vars": {"MAIL_SENDER": "reports@example.com"}},
            },
        ]
    )
    @step
    def start(self):
        self.user = os.environ.get("WAREHOUSE_USER", "nobody")
        self.next(self.end)

    @step
    def end(self):
        print(f"logged in as {self.user}")


if __name__ == "__main__":
    WithSecrets()
