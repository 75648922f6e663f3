"""A learning rate of 1e-8 with Adam."""
# cause: rate-too-small
import nn


def main():
    nn.manual_seed(13)
    model = nn.MLP(1, [4, 1], activation="tanh")
    adam = nn.Adam(model.parameters(), lr=1e-8)  # right: adam = nn.Adam(model.parameters(), lr=1e-2)
    for epoch in range(30):
        loss = nn.mean_squared_error([model([x / 4]) for x in range(5)], [x * x / 4 for x in range(5)])
        adam.zero_grad()
        loss.backward()
        adam.step()


if __name__ == "__main__":
    main()
