"""A sigmoid output for a loss that takes logits, by fit."""
# cause: probabilities-as-scores
import nn

nn.manual_seed(4)
model = nn.MLP(2, [4, 1], activation="tanh", output_activation="sigmoid")  # right: model = nn.MLP(2, [4, 1], activation="tanh")
data = nn.data.moons(20, noise=0.1)
nn.fit(model, data, "binary_cross_entropy_with_logits", nn.Adam(model.parameters(), lr=0.05), epochs=10)
