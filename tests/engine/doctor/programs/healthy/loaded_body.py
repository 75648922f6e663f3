"""The body's numbers come from elsewhere; the head alone is trained."""
import nn

nn.manual_seed(5)
teacher = nn.Layer(2, 3, "tanh", "body")
body = nn.Layer(2, 3, "tanh", "body")
body.load_state_dict(teacher.state_dict())
head = nn.Layer(3, 1, None, "head")
opt = nn.Adam(head.parameters(), lr=0.05)
for epoch in range(15):
    loss = nn.mean_squared_error([head(body(x))[0] for x in ([0.1, 0.3], [0.7, 0.5], [0.9, 0.1])], [0.2, 0.9, 0.4])
    opt.zero_grad()
    loss.backward()
    opt.step()
