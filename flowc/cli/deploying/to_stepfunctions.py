"""`flowc deploy` to an AWS account."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flowc.cli.deploying.outcomes import documents, printed
from flowc.cli.output import say, write
from flowc.cli.results.documents import print_document
from flowc.deploy.stepfunctions.bundle import bucket_of, read_bundle, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.cli.deploying.delivery import Delivery, Manner
    from flowc.deploy.stepfunctions.bundle import StackBundle


def deploy(delivery: Delivery, given: Mapping[str, str], manner: Manner) -> int:
    """Send the bundle; the exit code. Raises DeployFault."""
    bundle = read_bundle(delivery.files)
    values = values_of(bundle, delivery.settings, given)
    if manner.dry_run:
        _print_plan(bundle, values, as_json=manner.as_json)
        return 0
    from flowc.deploy.stepfunctions.account import open_account
    from flowc.deploy.stepfunctions.apply import deploy as apply_bundle

    account = open_account()
    silent = manner.quiet or manner.as_json

    def tell(line: str) -> None:
        if not silent:
            say(line)

    if not manner.quiet:
        say(f"stack {bundle.stack} in {account.region}")
    done = printed(apply_bundle(account, bundle, values, tell), quiet=silent)
    if manner.as_json:
        place = {"stack": bundle.stack, "region": account.region}
        print_document(_document(bundle, place, documents(done)))
    elif not manner.quiet:
        say(f"start a run: flowc submit {bundle.name} --target stepfunctions")
    return 0


def _print_plan(bundle: StackBundle, values: Mapping[str, str], *, as_json: bool) -> None:
    """The keys, the stack and its parameters, as they would be sent."""
    bucket = bucket_of(bundle, values) or "BUCKET"
    things = [
        (f"s3://{bucket}/{item.key}", f"{item.what}, {len(item.content):,} bytes") for item in bundle.uploads
    ]
    things.append((f"stack/{bundle.stack}", f"{len(bundle.read['Resources'])} resources"))
    if as_json:
        planned = [{"change": "planned", "thing": thing, "note": note} for thing, note in things]
        print_document(_document(bundle, {"stack": bundle.stack, "region": None}, planned))
        return
    say("would be sent:")
    write(sys.stdout, "".join(f"{thing}  ({note})\n" for thing, note in things))
    for name in bundle.parameters:
        write(sys.stdout, f"  {name} = {values.get(name, '(required, or kept from the stack)')}\n")


def _document(
    bundle: StackBundle, place: Mapping[str, str | None], things: list[dict[str, str]]
) -> dict[str, object]:
    return {"target": "stepfunctions", "names": [bundle.name], "place": dict(place), "things": things}
