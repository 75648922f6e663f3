"""A trainer that adds up gradients over several calls."""
import nn


class Trainer:
    def __init__(self, model, every):
        self.model, self.every, self.count = model, every, 0
        self.opt = nn.SGD(model.parameters(), lr=0.1)

    def feed(self, x, y):
        ((self.model(x) - y) ** 2 * (1 / self.every)).backward()
        self.count += 1
        if self.count % self.every == 0:
            self.opt.step()
            self.opt.zero_grad()


nn.manual_seed(9)
trainer = Trainer(nn.MLP(2, [3, 1], activation="tanh"), 3)
for _ in range(8):
    for x, y in [([0.1, 0.4], 0.5), ([0.9, 0.2], 0.1), ([0.5, 0.5], 0.3)]:
        trainer.feed(x, y)
