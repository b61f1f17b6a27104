"""A mixin that keeps notes as an artifact."""


class AuditMixin:
    """Adds `note` to a flow; `self.notes` grows from step to step."""

    def note(self, text):
        self.notes = [*getattr(self, "notes", []), text]
