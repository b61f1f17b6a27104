"""Parameters of every type, with values that a shell, a template or a parser might misread."""

# differs: *.constant *.constants
# run: --tag alpha --tag "tag with spaces" --text "$(touch x) `id` {{=1}} 'q' \"dq\" \\ ☃" --empty "" --whole -7
# run: --real 1e-3 --json "{\"a\": [1, null, \"\\u00e9\"], \"$(x)\": {\"b\": 1.5}}" --flag false --listed "a,b,,c d"
# run: --under_score=--dashes --given-file given_too.txt --big 123456789012345678901234567890
import os

from metaflow import Config, FlowSpec, IncludeFile, JSONType, Parameter, config_expr, current, step


def made(context):
    return f"made for {context.parameter_name} of {context.flow_name}"


class Given(FlowSpec):
    text = Parameter("text", default="d")
    empty = Parameter("empty", default="not empty")
    whole = Parameter("whole", type=int, default=1)
    real = Parameter("real", default=0.5)
    json = Parameter("json", type=JSONType, default={"x": 1})
    json_default = Parameter("json_default", type=JSONType, default='{"y": [1, 2.0, true]}')
    json_dict_default = Parameter("json_dict_default", type=JSONType, default={"y": [1]})
    flag = Parameter("flag", type=bool, default=True)
    flag_default = Parameter("flag_default", default=False)
    listed = Parameter("listed", separator=",", default="z")
    listed_default = Parameter("listed_default", separator=",", default="y,z")
    under_score = Parameter("under_score", default="")
    none = Parameter("none", default=None)
    none_int = Parameter("none_int", type=int)
    bare = Parameter("bare")
    callable_default = Parameter("callable_default", default=made)
    big = Parameter("big", type=int, default=0)
    attribute = Parameter("other-name", default="x", help="100% {{helpful}}")
    file = IncludeFile("file", default="given.txt")
    raw = IncludeFile("raw", is_text=False, default="given.bin")
    given_file = IncludeFile("given-file", default="given.txt")
    no_file = IncludeFile("no_file", default=None)
    settings = Config("settings", default="given.json")
    named_parser = Config("named_parser", default_value="{'a': [1, 2]}", parser="ast.literal_eval")
    computed = Parameter("computed", default=os.path.exists(os.getcwd()))
    computed_whole = Parameter("computed_whole", default=int(os.environ.get("NOTHING_HERE", "7")))
    inline = Config("inline", default_value={"depth": {"er": [1, 2]}, "name": "n"})
    from_config = Parameter("from_config", type=int, default=settings.size)
    constant = 3
    constants = {"a": [1]}

    @step
    def start(self):
        self.seen = {
            "text": self.text,
            "json": self.json,
            "types": [type(v).__name__ for v in (self.whole, self.real, self.flag, self.listed, self.none)],
            "attribute": self.attribute,
            "file": (self.file, self.raw, self.given_file, self.no_file),
            "constants": (self.constant, self.constants),
            "names": sorted(current.parameter_names),
        }
        self.configured = (
            self.settings.size,
            self.settings["deep"]["er"],
            self.inline.depth.er,
            self.inline.name,
        )
        self.config_types = (type(self.settings).__name__, type(self.settings.deep).__name__)
        self.config_as_dict = (
            self.settings.to_dict(),
            dict(self.inline),
            "size" in self.settings,
            len(self.inline),
        )
        self.tags = sorted(current.tags)
        self.refused = []
        for name in ("text", "constant", "constants", "settings", "file"):
            try:
                setattr(self, name, 1)
            except AttributeError as error:
                self.refused.append(name)
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.after_a_join = (self.text, self.json, self.settings.size, inputs.a.text, self.constant)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Given()
