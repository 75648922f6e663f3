"""Pixels from 0 to 255 go into a sigmoid layer."""
# cause: inputs-not-scaled
import nn

nn.manual_seed(3)
images = [[255, 0, 0, 200], [0, 255, 180, 0], [230, 10, 0, 255], [0, 240, 255, 5]]  # right: images = [[1.0, 0.0, 0.0, 0.8], [0.0, 1.0, 0.7, 0.0], [0.9, 0.04, 0.0, 1.0], [0.0, 0.9, 1.0, 0.02]]
labels = [1, 0, 1, 0]
net = nn.MLP(4, [3, 1], activation="sigmoid")
sgd = nn.SGD(net.parameters(), lr=0.1)
for epoch in range(15):
    loss = nn.binary_cross_entropy_with_logits([net(i) for i in images], labels)
    sgd.zero_grad()
    loss.backward()
    sgd.step()
