"""The kinds of objects that flowc has to do with, in the order in which they are applied.

What another object names comes before it: a schedule that finds no template is not tried again for
20 minutes, and a pod without its account never starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from flowc.deploy.argo.cluster import Object


class Kind(NamedTuple):
    """A kind as the API's paths name it; `needs` is what serves it where Kubernetes itself does not."""

    kind: str
    version: str
    plural: str
    needs: str = ""

    @property
    def group(self) -> str:
        """The API group; empty for the core's."""
        return self.version.rpartition("/")[0]

    @property
    def resource(self) -> str:
        """As `kubectl` takes it: `workflowtemplates.argoproj.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str, name: str = "") -> str:
        """The path of an object, or of all in a namespace."""
        root = f"/apis/{self.version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{namespace}/{self.plural}" + (f"/{name}" if name else "")


_RBAC = "rbac.authorization.k8s.io/v1"
_ARGO = "argoproj.io/v1alpha1"
_WORKFLOWS = "Argo Workflows"

SERVICE_ACCOUNT = Kind("ServiceAccount", "v1", "serviceaccounts")
CONFIG_MAP = Kind("ConfigMap", "v1", "configmaps")
ROLE = Kind("Role", _RBAC, "roles")
ROLE_BINDING = Kind("RoleBinding", _RBAC, "rolebindings")
TEMPLATE = Kind("WorkflowTemplate", _ARGO, "workflowtemplates", _WORKFLOWS)
CRON = Kind("CronWorkflow", _ARGO, "cronworkflows", _WORKFLOWS)
SENSOR = Kind("Sensor", _ARGO, "sensors", "Argo Events")
WORKFLOW = Kind("Workflow", _ARGO, "workflows", _WORKFLOWS)

APPLIED = (SERVICE_ACCOUNT, CONFIG_MAP, ROLE, ROLE_BINDING, TEMPLATE, CRON, SENSOR)

_MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGED = f"{_MANAGED_BY}=flowc"  # as a selector


def is_ours(content: Object) -> bool:
    """Whether an object says that flowc made it."""
    return (content["metadata"].get("labels") or {}).get(_MANAGED_BY) == "flowc"
