"""One epoch over eighty samples, four a step, in random order."""
import random, nn
random.seed(0); nn.manual_seed(0)
data = [([random.gauss(c, .6), random.gauss(c, .6)], int(c > 0)) for _ in range(40) for c in (-1, 1)]
random.shuffle(data)
model = nn.MLP(2, [4, 1], activation="relu")
opt = nn.SGD(model.parameters(), lr=0.2)
for k in range(0, 80, 4):
    chunk = data[k:k+4]
    loss = nn.binary_cross_entropy_with_logits([model(x) for x, _ in chunk], [y for _, y in chunk])
    opt.zero_grad(); loss.backward(); opt.step()
