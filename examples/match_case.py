"""A `match` statement whose cases choose the next step."""

from flowc import FlowSpec, JSONType, Parameter, step


class MatchCase(FlowSpec):
    """Draw a shape given as a list of numbers."""

    shape = Parameter("shape", type=JSONType, help="[radius] or [width, height]", default="[2, 3]")

    @step
    def start(self):
        match self.shape:
            case [radius]:
                self.size = radius
                self.next(self.circle)
            case [width, height]:
                self.size = width
                self.ratio = height / width
                self.next(self.rectangle)
            case _:
                raise ValueError(f"neither a circle nor a rectangle: {self.shape}")

    @step
    def circle(self):
        self.area = 3.14159 * self.size**2
        self.next(self.end)

    @step
    def rectangle(self):
        self.area = self.size * self.size * self.ratio
        self.next(self.end)

    @step
    def end(self):
        print(f"area {self.area:.2f}")


if __name__ == "__main__":
    MatchCase()
