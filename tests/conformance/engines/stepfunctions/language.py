"""What an interpreter of the state language gets wrong, put right: one function for each defect.

Most are of moto's and of LocalStack's both; `mend` says which are of moto's alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
import threading
import uuid
from typing import TYPE_CHECKING, Any

from interpreter import MOTO

if TYPE_CHECKING:
    from interpreter import Interpreter


def mend(of: Interpreter, s3: str, rest: str | None = None) -> None:
    """Put all of it right; the states' S3 calls go to `s3`, their others to `rest` or to the engine itself."""
    evaluate_expressions(of)
    quote_variables(of)
    if of == MOTO:
        convert_argument_names(of)
        parse_each_definition_afresh(of)
        spell_errors_of_s3(of)
    let_synchronous_tasks_be_retried(of)
    keep_reserved_error_names(of)
    end_jobs_of_aborted_tasks(of)
    name_services_that_are_away(of)
    send_calls(of, s3, rest)


def evaluate_expressions(of: Interpreter) -> None:
    """Moto has no JSONata evaluator, LocalStack one in Java: use Python's, with what Step Functions adds."""
    import jsonata
    from jsonata.utils import Utils

    expressions = of.module("jsonata.jsonata")
    own = {
        "parse": json.loads,
        "partition": lambda items, size: [items[i : i + int(size)] for i in range(0, len(items), int(size))],
        "range": lambda first, last, by: list(range(int(first), int(last) + (1 if by > 0 else -1), int(by))),
        "hash": lambda text, name: hashlib.new(
            name.replace("SHA-", "sha").lower(), text.encode()
        ).hexdigest(),
        "random": random.random,
        "uuid": lambda: str(uuid.uuid4()),
    }

    def evaluate(text: str) -> Any:
        try:
            expression = jsonata.Jsonata(text)
            for name, function in own.items():
                expression.register_lambda(name, function)
            return json.loads(json.dumps(Utils.convert_nulls(expression.evaluate(None))))
        except Exception as error:
            raise expressions.JSONataException("UNKNOWN", str(error)) from error

    expressions._eval_jsonata = evaluate


def quote_variables(of: Interpreter) -> None:
    """A string variable enters expressions between quotes, unescaped: a quote in it breaks them."""

    def declare(bindings: dict[str, Any]) -> str:
        return "".join(f"{name}:={json.dumps(value, default=str)};" for name, value in bindings.items())

    of.replace_everywhere("encode_jsonata_variable_declarations", declare)


def convert_argument_names(of: Interpreter) -> None:
    """Arguments in PascalCase, which AWS requires, reach botocore as they are, and answers come back so."""
    import botocore.session
    from moto.stepfunctions.parser.utils import camel_to_snake_case

    service_of_a_task = of.state("state_task.service.state_task_service").StateTaskService
    session = botocore.session.get_session()

    @functools.cache
    def operation(service: str, action: str) -> Any:
        model = session.get_service_model(service)
        names = {camel_to_snake_case(name): name for name in model.operation_names}
        return model.operation_model(names[camel_to_snake_case(action)])

    def model_of(task: Any, service: str | None, action: str | None) -> Any:
        return operation(task._get_boto_service_name(service), task._get_boto_service_action(action))

    def arguments(
        self: Any,
        parameters: dict[str, Any],
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        shape = model_of(self, boto_service_name, service_action_name).input_shape
        if shape is not None:
            self._to_boto_request(parameters, shape)

    def answer(
        self: Any,
        response: dict[str, Any],
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        shape = model_of(self, boto_service_name, service_action_name).output_shape
        if shape is not None:
            self._from_boto_response(response, shape)

    service_of_a_task._normalise_parameters = arguments
    service_of_a_task._normalise_response = answer


def parse_each_definition_afresh(of: Interpreter) -> None:
    """The parser keeps its stack of query languages on the class: one refused definition spoils the next."""
    preprocessor = of.module("parse.preprocessor").Preprocessor
    begin = preprocessor.__init__

    def with_own_stack(self: Any, *args: object, **options: object) -> None:
        begin(self, *args, **options)
        self._query_language_per_scope = []

    preprocessor.__init__ = with_own_stack


def spell_errors_of_s3(of: Interpreter) -> None:
    """Errors of S3 begin with `s3.` and not, as a state machine's retries name them, with `S3.`."""
    of.service("aws_sdk")._SERVICE_ERROR_NAMES["s3"] = "S3"


def let_synchronous_tasks_be_retried(of: Interpreter) -> None:
    """A state's endpoint is interrupted when its first attempt ends: the second would end at once."""
    kind = of.service("callback").StateTaskServiceCallback
    evaluate = kind._eval_integration_pattern

    def armed_again(self: Any, env: Any, **rest: Any) -> None:
        token = env.states.context_object.context_object_data["Task"]["Token"]
        endpoint = env.callback_pool_manager.get(token)
        if endpoint is not None:
            endpoint._notify_event.clear()
            endpoint._outcome = None
        evaluate(self, env=env, **rest)

    kind._eval_integration_pattern = armed_again


def keep_reserved_error_names(of: Interpreter) -> None:
    """`States.TaskFailed` of a task inside a Map or Parallel surfaces as `States.Runtime`."""
    custom, states = of.error_name("custom_error_name"), of.error_name("states_error_name")
    plain, from_name = custom.CustomErrorName, states.StatesErrorName.from_name

    def name_of(error_name: str | None) -> Any:
        reserved = error_name is not None and error_name.startswith("States.")
        return from_name(error_name) if reserved else plain(error_name)

    for module in of.state("state_map.iteration.iteration_worker"), of.state("state_parallel.branches_decl"):
        module.CustomErrorName = name_of


def end_jobs_of_aborted_tasks(of: Interpreter) -> None:
    """A task is aborted with its execution, or where a sibling fails: its job is terminated, not left to run."""
    failed = of.error_name("failure_event").FailureEventException
    module = of.service("batch")
    kind = module.StateTaskServiceBatch
    plain = kind._build_sync_resolver

    def watched(self: Any, env: Any, **rest: Any) -> Any:
        job, ended = env.stack[-1]["JobId"], threading.Event()
        resolve = plain(self, env=env, **rest)

        def resolved() -> Any:
            try:
                outcome = resolve()
            except failed:
                ended.set()
                raise
            if outcome is not None:
                ended.set()
            return outcome

        def watch() -> None:
            while not ended.wait(0.5):
                if not env.is_running():
                    client = module.boto_client_for(
                        service="batch",
                        region=rest["resource_runtime_part"].region,
                        state_credentials=rest["state_credentials"],
                    )
                    client.terminate_job(jobId=job, reason="the task was aborted")
                    return

        threading.Thread(target=watch, daemon=True).start()
        return resolved

    kind._build_sync_resolver = watched


def name_services_that_are_away(of: Interpreter) -> None:
    """A service that does not answer fails a state by `SdkClientException`, which can be tried again."""
    from botocore.exceptions import BotoCoreError

    kind = of.service("aws_sdk").StateTaskServiceAwsSdk
    plain = kind._from_error

    def from_error(self: Any, env: Any, ex: Exception) -> Any:
        if not isinstance(ex, BotoCoreError):
            return plain(self, env=env, ex=ex)
        service = self._normalise_service_error_name(self.resource.api_name)
        return self._get_task_failure_event(env=env, error=f"{service}.SdkClientException", cause=str(ex))

    kind._from_error = from_error


def send_calls(of: Interpreter, s3: str, rest: str | None) -> None:
    """States reach the S3 server of the run instead of the engine's own, which has no conditional writes that hold.

    All other services are at `rest`, or where the interpreter looks for them.
    """
    plain = of.module("utils.boto_client").boto_client_for

    def client(service: str, region: str, state_credentials: Any = None) -> Any:
        address = s3 if service == "s3" else rest
        if address is not None:
            return client_at(address, service, region)
        return plain(service=service, region=region, state_credentials=state_credentials)

    of.replace_everywhere("boto_client_for", client)


@functools.cache
def client_at(address: str, service: str, region: str) -> Any:
    """A client whose credentials are boto3's own: those of this process."""
    import boto3
    from botocore.config import Config

    once = {"total_max_attempts": 1}
    config = Config(s3={"addressing_style": "path"}, parameter_validation=False, retries=once)
    # A session of its own: threads that make clients of one disturb each other.
    return boto3.Session().client(service, endpoint_url=address, region_name=region, config=config)
