"""AdamW with a weight decay of 50."""
# cause: decay-too-large
import nn

nn.manual_seed(7)
model = nn.MLP(2, [4, 1], activation="tanh")
opt = nn.AdamW(model.parameters(), lr=0.01, weight_decay=50.0)
X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
for epoch in range(40):
    loss = nn.mean_squared_error([model(x) for x in X], [0.0, 2.0, 2.0, 4.0])
    opt.zero_grad()
    loss.backward()
    opt.step()
