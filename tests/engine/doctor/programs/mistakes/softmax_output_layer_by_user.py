"""The learner's model ends with a softmax, and nn.cross_entropy follows."""
# cause: probabilities-as-scores
import nn

class Classifier(nn.Module):
    def __init__(self):
        super().__init__("clf")
        self.l1 = nn.Layer(4, 6, "relu", "l1")
        self.l2 = nn.Layer(6, 3, None, "l2")
    def forward(self, x):
        return nn.softmax(self.l2(self.l1(x)))

nn.manual_seed(1)
iris = nn.data.iris().standardised()
picked = list(range(0, 150, 6))
clf = Classifier()
opt = nn.SGD(clf.parameters(), lr=0.5)
for epoch in range(10):
    loss = nn.cross_entropy([clf(iris.inputs[i]) for i in picked], [iris.targets[i] for i in picked])
    opt.zero_grad()
    loss.backward()
    opt.step()
