"""Each epoch makes a new model, and trains it on three batches."""
# cause: rebuilt-model
import nn

nn.manual_seed(0)
data = [([i / 6, 1 - i / 6], i / 6) for i in range(6)]
for epoch in range(8):
    model = nn.MLP(2, [3, 1], activation="tanh")
    opt = nn.SGD(model.parameters(), lr=0.1)
    for start in range(0, 6, 2):
        batch = data[start : start + 2]
        loss = sum((model(x) - y) ** 2 for x, y in batch) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
