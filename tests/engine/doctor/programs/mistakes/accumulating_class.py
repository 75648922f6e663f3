"""A trainer class without zero_grad."""
# cause: stale-gradients
import nn


class Regression:
    def __init__(self, lr):
        self.a = nn.Neuron(1, weights=[0.2], bias=0.0)
        self.sgd = nn.SGD(self.a.parameters(), lr=lr)

    def fit(self, pairs, epochs):
        course = []
        for _ in range(epochs):
            loss = nn.mean_squared_error([self.a([x]) for x, _ in pairs], [y for _, y in pairs])
            # missing: self.sgd.zero_grad()
            loss.backward()
            self.sgd.step()
            course.append(loss.data)
        return course


print(Regression(0.02).fit([(0.0, 1.0), (1.0, 2.0), (2.0, 3.5)], 30)[-1])
