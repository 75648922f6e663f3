"""Numbers are saved and loaded in the middle."""
import nn
nn.manual_seed(5)
net = nn.MLP(2, [3, 1], activation="tanh")
opt = nn.Adam(net.parameters(), lr=0.05)
def run(n):
    for _ in range(n):
        loss = nn.mean_squared_error([net(x) for x in ([0.2, 0.6], [0.8, 0.1])], [0.9, 0.1])
        opt.zero_grad(); loss.backward(); opt.step()
run(8)
state, o = net.state_dict(), opt.state_dict()
run(3)
net.load_state_dict(state); opt.load_state_dict(o)
run(8)
