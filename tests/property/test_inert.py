"""Text of a flow is inert in every manifest: no engine takes a part of it for its own syntax.

Each place where a flow has text is filled with hostile text. Either the compiler refuses it, by an
error, or the manifest has exactly the tags it has with plain text, and what the shim would receive
is the source's text, character for character.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowc import contract
from tests.compiling import TARGETS, compile_text
from tests.property.substitution import documents, leaves, misread_scalars, received, tags, task_documents

if TYPE_CHECKING:
    from flowc.manifest.bundle import Bundle

FLOW = '''\
"""{module}"""
from metaflow import (
    Config, FlowSpec, JSONType, Parameter, batch, catch, environment, exit_hook, kubernetes, project,
    pypi, resources, schedule, secrets, step, trigger,
)

@exit_hook(on_success=[])
{flow_decorator}
class Inert(FlowSpec):
    """{flow}"""
    text = Parameter("text", default={default}, help={help})
    many = Parameter("many", separator=",", default={many})
    config = Config("config", default_value={{"key": {config}}})

    {decorator}
    @environment(vars={{"HOSTILE": {environment}, "PLAIN": "x"}})
    @secrets(sources=[{{"type": "inline", "id": "i", "options": {{"env_vars": {{"A": {secret}}}}}}}])
    @step
    def start(self):
        """{step}"""
        self.kind = {case}
        self.next({{{case}: self.one, "never": self.two}}, condition="kind")

    @step
    def one(self):
        print({body})
        self.next(self.end)

    @step
    def two(self):
        self.next(self.end)

    @step
    def end(self):
        pass
'''.replace("@exit_hook(on_success=[])\n", "")

PLAIN = "plainword"
_QUOTED = ("default", "help", "many", "config", "environment", "secret", "case", "body")
_DOCS = ("module", "flow", "step")
_DECORATED = {
    "image": "@kubernetes(image={})",
    "service account": "@kubernetes(service_account={})",
    "label": "@kubernetes(labels={{'team': {}}})",
    "label key": "@kubernetes(labels={{{}: 'team'}})",
    "annotation": "@kubernetes(annotations={{'note': {}}})",
    "node selector": "@kubernetes(node_selector={{'pool': {}}})",
    "toleration": "@kubernetes(tolerations=[{{'key': {}, 'operator': 'Exists'}}])",
    "kubernetes secret": "@kubernetes(secrets=[{}])",
    "claim": "@kubernetes(persistent_volume_claims={{{}: '/data'}})",
    "mount": "@kubernetes(persistent_volume_claims={{'claim': {}}})",
    "batch image": "@batch(image={})",
    "queue": "@batch(queue={})",
    "role": "@batch(iam_role={})",
    "batch tag": "@batch(aws_batch_tags={{'team': {}}})",
    "volume": "@batch(host_volumes=[{}])",
    "package": "@pypi(packages={{'numpy': {}}})",
    "plain secret": "@secrets(sources=[{}])",
    "catch": "@catch(var={})",
}
_FLOW_DECORATED = {
    "cron": "@schedule(cron={})",
    "time zone": "@schedule(cron='0 6 * * *', timezone={})",
    "event": "@trigger(event={})",
    "event field": "@trigger(event={{'name': 'e', 'parameters': {{'text': {}}}}})",
    "project": "@project(name={})",
}

_ONLY_INERT = {"env", "Environment", "value", "default", "workflows.argoproj.io/description"}

_FRAGMENTS = st.sampled_from(
    [
        "{{workflow.name}}", "{{=1+1}}", "{{", "}}", "{{inputs.parameters.path}}", "$(HOME)", "$$(", "$(", "$",
        "${AWS::Region}", "${", "{{resolve:ssm:name}}", "{% $states.input %}", "{%", "%}", "Ref::path", "$.x",
        "1e3", "0o7", "y", "No", "null", "~", "'", '"', "\\", "\n", "\r", "\t", " ", "\u2028", "\u00e9",
        "\U0001f600", "\x85", ": ", " #", "- ", "&a", "*a", "!!python/none", "---", "...", "%YAML", "@", "`", "|",
        ">", "[", "]", "{", "}", ",", "?", "2001-01-01", "0x1F", ".5", "=", "<<", "\ufeff", "\x7f", "\x1b[31m",
        contract.SENTINEL, "-x41-", "a" * 300,
    ]
)  # fmt: skip
HOSTILE = st.one_of(
    st.lists(_FRAGMENTS, min_size=1, max_size=5).map("".join),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=30),
)


def source(**texts: str) -> str:
    """The flow with the given texts; `decorator` and `flow_decorator` are code, the rest are strings."""
    filled = {name: repr(texts.get(name, PLAIN)) for name in _QUOTED}
    filled |= {name: _in_docstring(texts.get(name, PLAIN)) for name in _DOCS}
    filled |= {name: texts.get(name, "") for name in ("decorator", "flow_decorator")}
    return FLOW.format(**filled)


@pytest.mark.parametrize("target", TARGETS)
@given(text=HOSTILE)
@example(text=contract.SENTINEL)
@example(text="{{workflow.parameters.flowc-image}}")
@example(text="{% $states.context %}")
def test_text_in_every_quoted_place(target: str, text: str) -> None:
    plain = _plain(target)
    compiled = compile_text(source(**dict.fromkeys((*_QUOTED, *_DOCS), text)), target)
    assert compiled.errors == []
    assert compiled.bundle is not None
    _inert(compiled.bundle, plain, target)
    assert set(received(compiled.bundle, "HOSTILE")) == {text}
    assert set(received(compiled.bundle, "PLAIN")) == {"x"}
    first = _first_document(compiled.bundle)
    assert first[contract.DOCUMENT_SECRETS][0]["options"] == {"env_vars": {"A": text}}
    assert first[contract.DOCUMENT_CONFIGS]["config"] == {"key": text}
    assert _default(compiled.bundle, target, "text") == text
    assert _default(compiled.bundle, target, "many") == text


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("place", _DECORATED)
@given(text=HOSTILE)
def test_text_in_a_decorator(target: str, place: str, text: str) -> None:
    """An attribute that an engine reads follows that field's own grammar, or it is refused."""
    _judge(target, "decorator", _DECORATED[place], text)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("place", _FLOW_DECORATED)
@given(text=HOSTILE)
def test_text_in_a_decorator_of_the_flow(target: str, place: str, text: str) -> None:
    _judge(target, "flow_decorator", _FLOW_DECORATED[place], text)


def _judge(target: str, kind: str, decorator: str, text: str) -> None:
    compiled = compile_text(source(**{kind: decorator.format(repr(text))}), target)
    if compiled.bundle is None:
        assert compiled.errors
        return
    _no_tag_holds(compiled.bundle, target, text, _plain(target))
    assert misread_scalars(compiled.bundle) == []


def _inert(bundle: Bundle, plain: Bundle, target: str) -> None:
    """The tags and the shape are those of the plain flow; every text is still text."""
    assert tags(bundle, target) == tags(plain, target)
    assert misread_scalars(bundle) == []
    for ours, theirs in zip(documents(bundle), documents(plain), strict=True):
        assert _kinds(ours) == _kinds(theirs)


def _no_tag_holds(bundle: Bundle, target: str, text: str, plain: Bundle) -> None:
    """A decorator may add structure with tags of the engine's, but none with the flow's text."""
    for tag in tags(bundle, target) - tags(plain, target):
        hostile = [f for f in ("{{", "$(", "${", "{%", "Ref::") if f in text]
        assert not any(tag.startswith(f) and tag in text for f in hostile), tag


def _kinds(document: object) -> dict[object, str]:
    """The type at each place, without what is only there for inert text: variables and descriptions."""
    return {
        path: type(leaf).__name__
        for path, leaf in leaves(document)
        if "<key>" not in path and not _ONLY_INERT & set(path)
    }


def _first_document(bundle: Bundle) -> dict[str, Any]:
    return next(d for d in task_documents(bundle) if contract.DOCUMENT_SECRETS in d)


def _default(bundle: Bundle, target: str, name: str) -> object:
    """The default of a parameter as a run gets it."""
    if target != "argo":
        # No engine passes it on: the flow's own code has it, and the published schema shows it.
        (schema,) = [f.content for f in bundle.files if f.path == "parameters.schema.json"]
        return json.loads(schema)["properties"][name]["default"]
    (shown,) = [
        parameter.get("value")
        for document in documents(bundle)
        if document["kind"] == "WorkflowTemplate"
        for parameter in document["spec"]["arguments"]["parameters"]
        if parameter["name"] == name
    ]
    if shown != contract.SENTINEL:
        return shown
    return next(d[contract.DOCUMENT_DEFAULTS][name] for d in task_documents(bundle)
                if contract.DOCUMENT_DEFAULTS in d)  # fmt: skip


@functools.cache
def _plain(target: str) -> Bundle:
    """The flow with plain text everywhere."""
    compiled = compile_text(source(), target)
    assert compiled.errors == []
    assert compiled.bundle is not None
    return compiled.bundle


def _in_docstring(text: str) -> str:
    """Text as it may stand between triple quotes."""
    return json.dumps(text, ensure_ascii=True)[1:-1].replace("'", "\\'")
