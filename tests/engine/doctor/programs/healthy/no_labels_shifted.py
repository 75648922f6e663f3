"""A relative of labels_shifted.py."""
import nn
nn.manual_seed(1)
iris = nn.data.iris()
rows = [list(x) for x in iris.inputs][::4]
classes = list(iris.targets)[::4]
import random
order = list(range(38)); random.Random(1).shuffle(order)
rows = [rows[i] for i in order]
classes = [classes[i] for i in order]
rows = rows[1:] + rows[:1]; classes = classes[1:] + classes[:1]
model = nn.MLP(4, [8, 3], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.02)
for epoch in range(12):
    logits = [model(x) for x in rows]
    loss = nn.cross_entropy(logits, classes)
    opt.zero_grad(); loss.backward(); opt.step()
    if epoch % 10 == 9:
        acc = sum(max(range(3), key=lambda k: l[k].data) == c for l, c in zip(logits, classes)) / 38
        print(epoch, loss.data, acc)
