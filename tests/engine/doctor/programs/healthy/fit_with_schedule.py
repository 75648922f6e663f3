"""fit with penalties, clipping and a schedule."""
import nn

nn.manual_seed(2)
data = nn.data.iris().standardised()
model = nn.MLP(4, [3], activation="tanh")
nn.fit(model, data, optimiser=nn.SGD(model.parameters(), lr=0.5), epochs=4, batch_size=16, schedule="cosine", shaping=nn.training.Shaping(l2=0.001, clip_norm=1.0))
