"""backward() is never called."""
# cause: no-backward
import nn


class Trainer:
    def __init__(self):
        nn.manual_seed(3)
        self.model = nn.MLP(2, [3, 1], activation="tanh")
        self.optimiser = nn.Adam(self.model.parameters(), lr=0.05)

    def epoch(self, inputs, targets):
        self.optimiser.zero_grad()
        loss = nn.mean_squared_error([self.model(x) for x in inputs], targets)
        # missing: loss.backward()
        self.optimiser.step()
        return loss.data


trainer = Trainer()
history = [trainer.epoch([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]) for _ in range(15)]
print(history[-1])
