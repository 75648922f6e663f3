"""The hidden features are computed once, before the weights change."""
# cause: fixed-graph
import nn

nn.manual_seed(4)
features = nn.Layer(2, 4, "relu", "features")
head = nn.Layer(4, 1, None, "head")
opt = nn.Adam(features.parameters() + head.parameters(), lr=0.02)
xs = [[0.5, 0.1], [0.9, 0.7], [-0.2, 0.4], [-0.6, -0.9]]
ys = [1.0, 0.5, 0.2, -0.4]
hidden = [features(x) for x in xs]
for epoch in range(15):
    # missing: hidden = [features(x) for x in xs]
    loss = nn.mean_squared_error([head(h)[0] for h in hidden], ys)
    opt.zero_grad()
    loss.backward()
    opt.step()
