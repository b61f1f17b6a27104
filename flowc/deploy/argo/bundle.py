"""The objects of a bundle, and what kind each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.deploy.argo.kinds import APPLIED, TEMPLATE
from flowc.deploy.faults import DeployFault
from flowc.manifest.read import read_documents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.deploy.argo.cluster import Object
    from flowc.deploy.argo.kinds import Kind
    from flowc.manifest.bundle import BundleFile


class Item(NamedTuple):
    """An object to be applied."""

    kind: Kind
    content: Object

    @property
    def name(self) -> str:
        """Its name in its namespace."""
        return str(self.content["metadata"]["name"])

    @property
    def thing(self) -> str:
        """As `kubectl` prints it."""
        return f"{self.kind.kind}/{self.name}"


def read_objects(files: Iterable[BundleFile]) -> list[Item]:
    """The objects of YAML files in the order in which they are applied. Raises DeployFault."""
    known = {kind.kind: kind for kind in APPLIED}
    items: list[Item] = []
    for file in files:
        for content in read_documents(file.path, file.content) or ():
            if not isinstance(content, dict) or content.get("kind") == "Kustomization":
                continue
            kind = known.get(str(content.get("kind")))
            if kind is None or not (content.get("metadata") or {}).get("name"):
                raise DeployFault(
                    f"`{file.path}` holds an object that no bundle of flowc has: {content.get('kind')}; "
                    "`kubectl apply --server-side -f` takes any"
                )
            items.append(Item(kind, content))
    if not any(item.kind is TEMPLATE for item in items):
        raise DeployFault(
            "there is no WorkflowTemplate to deploy: give a flow's file, or the folder of a bundle for Argo "
            "(`flowc compile … --target argo -o DIR` writes one)"
        )
    return sorted(items, key=lambda item: APPLIED.index(item.kind))


def template_names(items: Iterable[Item]) -> list[str]:
    """What the flows of a bundle are called in the cluster."""
    return [item.name for item in items if item.kind is TEMPLATE]


def namespace_of(items: Iterable[Item]) -> str | None:
    """The namespace that the objects say; None where they leave it open. Raises DeployFault for several."""
    said = {item.content["metadata"].get("namespace") for item in items} - {None}
    if len(said) > 1:
        listed = ", ".join(f"`{name}`" for name in sorted(said))
        raise DeployFault(
            f"the bundle's objects are of several namespaces ({listed}); deploy them one by one"
        )
    return said.pop() if said else None
