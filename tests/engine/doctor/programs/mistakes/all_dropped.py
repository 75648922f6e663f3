"""All dropped."""
# cause: dropout-too-large
import nn
nn.manual_seed(30)
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Dropout(0.99), nn.Linear(8, 1))  # right: model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1))
opt = nn.Adam(model.parameters(), lr=0.03)
xor = nn.data.xor()
for epoch in range(40):
    loss = nn.mse_loss([model(x) for x in xor.inputs], xor.targets)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.data)
