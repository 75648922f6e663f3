"""Dropout of 0.5; predictions are printed in training mode after a loop with batches."""
# cause: dropout-still-on
import nn
nn.manual_seed(1)
body = nn.Layer(2, 10, "relu", "body")
drop = nn.Dropout(0.5)
head = nn.Neuron(10)

def model(x):
    return head(drop(body(x)))

opt = nn.Adam(body.parameters() + head.parameters(), lr=0.02)
train = [([0.1, 0.9], 1.0), ([0.7, 0.2], 0.0), ([0.4, 0.6], 0.5)]
for e in range(10):
    for x, y in train:
        loss = (model(x) - y)**2
        opt.zero_grad(); loss.backward(); opt.step()
print("predictions:", [round(model(x).data, 3) for x, _ in train])
