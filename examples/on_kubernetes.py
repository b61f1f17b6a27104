"""`@kubernetes`: image, node, labels and security of one step; the larger of it and `@resources` counts."""

from metaflow import FlowSpec, kubernetes, resources, step

GPU_POOL = "gpu-a100"


class OnKubernetes(FlowSpec):
    """Train on a node of its own pool."""

    @step
    def start(self):
        self.epochs = 2
        self.next(self.train)

    @resources(cpu=2, memory=32000)
    @kubernetes(
        image="registry.example.com/team/train:1.4.0",
        cpu=8,
        memory=16000,
        gpu=1,
        disk=20480,
        shared_memory=4096,
        node_selector={"pool": GPU_POOL},
        tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        labels={"team": "vision"},
        annotations={"example.com/cost-centre": "4711"},
        service_account="trainer",
        secrets=["registry-login"],
        image_pull_policy="Always",
    )
    @step
    def train(self):
        self.loss = 1 / self.epochs
        self.next(self.end)

    @step
    def end(self):
        print(self.loss)


if __name__ == "__main__":
    OnKubernetes()
