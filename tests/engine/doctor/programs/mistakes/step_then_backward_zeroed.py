"""zero_grad, step, backward: the step has only zeros to go by."""
# cause: zeroed-before-step
import nn

nn.manual_seed(11)
net = nn.MLP(3, [4, 2, 1], activation="sigmoid")
trainer = nn.RMSprop(net.parameters(), lr=0.02)
batch_x = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]
batch_y = [0.1, 0.4, 0.8, 0.9]


def train_step():
    loss = nn.mean_squared_error([net(row) for row in batch_x], batch_y)
    trainer.zero_grad()
    trainer.step()  # right: loss.backward()
    loss.backward()  # right: trainer.step()
    return loss.data


log = []
for _ in range(20):
    log.append(train_step())
