"""`@batch`: queue, image and role of one step on AWS Batch; Argo takes its resources alone."""

from metaflow import FlowSpec, batch, step


class OnBatch(FlowSpec):
    """Render a scene on a queue of large machines."""

    @step
    def start(self):
        self.frames = 24
        self.next(self.render)

    @batch(
        cpu=16,
        memory=60000,
        shared_memory=1024,
        image="registry.example.com/render:2.1",
        queue="render-large",
    )
    @step
    def render(self):
        self.pixels = self.frames * 1920 * 1080
        self.next(self.end)

    @step
    def end(self):
        print(self.pixels)


if __name__ == "__main__":
    OnBatch()
