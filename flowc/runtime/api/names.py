"""The names that flows import, by the module that defines them.

`HOMES` are the names of the top level, `MODULES` the modules below it that flowc has under both
`flowc` and `metaflow`. Importing this module imports none of them.

Invariant: these are the names that the compiler knows, but for the modules that only an installed
Metaflow has (`frontend/project/api_names`); a test holds the two together.
"""

from __future__ import annotations

from flowc.dsl import EXPORTS

_ELSEWHERE = {
    "flowc.runtime.api.absent": """
        DeployedFlow Deployer NBDeployer NBRunner Runner inspect_spin package_sources
    """,
    "flowc.runtime.api.events": "namespaced_event_name",
    "flowc.runtime.api.parsers": """
        conda_environment_yml_parser pyproject_toml_parser requirements_txt_parser yaml_parser
    """,
    "flowc.runtime.api.profiling": "profile",
    "flowc.runtime.api.s3": "S3",
    "flowc.runtime.client": """
        DataArtifact Flow Metaflow Run Step Task default_metadata default_namespace get_metadata get_namespace
        metadata namespace
    """,
    "flowc.runtime.parallel": "parallel_imap_unordered parallel_map",
    "flowc.runtime.user_decorators": """
        FlowMutator StepMutator USER_SKIP_STEP UserStepDecorator user_step_decorator
    """,
}

HOMES = {name: module for module, names in _ELSEWHERE.items() for name in names.split()}
HOMES.update(dict.fromkeys(EXPORTS, "flowc.dsl"))

# A flow that has `from metaflow import *` may use these without importing them: Metaflow's top level has them.
LEAKED = ("os", "sys")

# Module → (its home, which of the home's names: all where there is no text).
_CARDS = ("flowc.runtime.api.cards", "")
_CLIENT = ("flowc.runtime.client", "")
_S3 = ("flowc.runtime.api.s3", "")
MODULES: dict[str, tuple[str, str]] = {
    "cards": _CARDS,
    "client": _CLIENT,
    "client.core": _CLIENT,
    "datatools": _S3,
    "decorators": ("flowc.dsl", "step"),
    "events": ("flowc.runtime.api.triggers", "MetaflowEvent Trigger"),
    "exception": ("flowc.runtime.api.exceptions", ""),
    "flowspec": ("flowc.dsl", "FlowSpec InvalidNextException"),
    "includefile": ("flowc.dsl", "IncludeFile"),
    "metaflow_current": ("flowc.dsl", "Current current"),
    "metaflow_profile": ("flowc.runtime.api.profiling", "profile"),
    "multicore_utils": ("flowc.runtime.parallel", ""),
    "parameters": ("flowc.dsl", "JSONType JSONTypeClass Parameter"),
    # Packages that are there for the modules below them.
    "plugins": ("flowc.runtime.api", "-"),
    "plugins.cards": ("flowc.runtime.api", "-"),
    "plugins.cards.card_client": _CARDS,
    "plugins.cards.card_modules": _CARDS,
    "plugins.cards.card_modules.basic": _CARDS,
    "plugins.cards.card_modules.card": _CARDS,
    "plugins.cards.card_modules.components": _CARDS,
    "plugins.datatools": _S3,
    "plugins.datatools.s3": _S3,
    "plugins.datatools.s3.s3": _S3,
    "plugins.parsers": ("flowc.runtime.api.parsers", "yaml_parser"),
    "plugins.timeout_decorator": ("flowc.runtime.api.exceptions", "TimeoutException"),
    "user_configs": ("flowc.runtime.api", "-"),
    "user_configs.config_parameters": ("flowc.dsl", "Config ConfigValue config_expr"),
    "user_decorators": ("flowc.runtime.api", "-"),
    "user_decorators.user_flow_decorator": ("flowc.runtime.user_decorators", "FlowMutator"),
    "user_decorators.user_step_decorator": (
        "flowc.runtime.user_decorators",
        "StepMutator USER_SKIP_STEP UserStepDecorator user_step_decorator",
    ),
}

# What a star import brings.
STAR = (*sorted(HOMES), "cards", *LEAKED)
