"""The samples come sorted by class, a few at a time."""
# cause: sorted-data
import nn

nn.manual_seed(0)
iris = nn.data.iris().standardised()
pairs = list(zip(iris.inputs, iris.targets))
# missing: import random; random.seed(0); random.shuffle(pairs)
model = nn.MLP(4, [3], activation="tanh")
optimiser = nn.SGD(model.parameters(), lr=0.5)
for epoch in range(2):
    for start in range(0, len(pairs), 5):
        batch = pairs[start : start + 5]
        loss = nn.cross_entropy([model(x) for x, _ in batch], [y for _, y in batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
