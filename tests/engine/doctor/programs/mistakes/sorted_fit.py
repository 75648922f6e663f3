"""fit with shuffle=False on sorted data."""
# cause: sorted-data
import nn

nn.manual_seed(0)
iris = nn.data.iris().standardised()
model = nn.MLP(4, [3])
nn.fit(model, iris, optimiser=nn.SGD(model.parameters(), lr=0.5), epochs=3, batch_size=5, shuffle=False)
