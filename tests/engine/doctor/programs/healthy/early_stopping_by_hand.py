"""Training ends when the validation loss rises."""
import nn

nn.manual_seed(6)
data = nn.data.moons(30, noise=0.2)
train, val = data.split(0.7)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.Adam(model.parameters(), lr=0.05)
best, patience = float("inf"), 0
for epoch in range(20):
    loss = nn.binary_cross_entropy_with_logits([model(x) for x in train.inputs], train.targets)
    opt.zero_grad()
    loss.backward()
    opt.step()
    val_loss = nn.binary_cross_entropy_with_logits([model(x) for x in val.inputs], val.targets)
    if val_loss.data < best:
        best, patience = val_loss.data, 0
    else:
        patience += 1
        if patience > 3:
            break
