"""The output of the first layer goes on as plain numbers."""
# cause: unreached-parameter
import nn

nn.manual_seed(9)
lower, upper = nn.Layer(2, 3, "tanh", "lower"), nn.Layer(3, 1, None, "upper")
opt = nn.SGD(lower.parameters() + upper.parameters(), lr=0.1)
for epoch in range(15):
    outputs = []
    for x in ([0.0, 0.3], [0.6, -0.2], [-0.4, 0.8]):
        middle = [h.data for h in lower(x)]  # right: middle = lower(x)
        outputs.append(upper(middle)[0])
    loss = nn.mean_squared_error(outputs, [0.2, 0.7, -0.1])
    opt.zero_grad()
    loss.backward()
    opt.step()
