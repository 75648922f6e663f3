"""Three classes called 1, 2, 3 for three scores."""
# cause: labels-from-one
import nn

nn.manual_seed(2)
classifier = nn.MLP(2, [5, 3], activation="relu")
adam = nn.Adam(classifier.parameters(), lr=0.05)
points = [[0.1, 0.9], [0.2, 0.7], [0.8, 0.1], [0.9, 0.4], [0.5, 0.5]]
species = [1, 1, 2, 3, 3]  # right: species = [0, 0, 1, 2, 2]
for epoch in range(10):
    for x, s in zip(points, species):
        loss = nn.cross_entropy(classifier(x), s)
        adam.zero_grad()
        loss.backward()
        adam.step()
