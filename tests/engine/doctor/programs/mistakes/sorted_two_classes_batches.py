"""zeros first, then ones, in batches of four."""
# cause: sorted-data
import random, nn
random.seed(0); nn.manual_seed(0)
zeros = [([random.gauss(-1, .5), random.gauss(-1, .5)], 0) for _ in range(40)]
ones = [([random.gauss(1, .5), random.gauss(1, .5)], 1) for _ in range(40)]
dataset = zeros + ones
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.SGD(model.parameters(), lr=0.5)
for epoch in range(3):
    for k in range(0, len(dataset), 4):
        chunk = dataset[k:k+4]
        loss = nn.binary_cross_entropy_with_logits([model(x) for x, _ in chunk], [y for _, y in chunk])
        opt.zero_grad(); loss.backward(); opt.step()
