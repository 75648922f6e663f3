"""Plots: what they draw, read from matplotlib's own objects."""

import math
import re
import sys

import pytest

import nn
from engine import StepgradError, Value
from nn.plots.film import ICONS
from nn.training import Epoch, History

plots = nn.plots
pytestmark = pytest.mark.slow
MOONS = nn.data.moons(30, noise=0.1, seed=2)


@pytest.fixture
def plt():
    """Return matplotlib's pyplot, drawing into memory, without figures of other tests; close what was drawn."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    yield plt
    plt.close("all")


def trained(callbacks=(), data=MOONS, sizes=(6, 1), epochs=6, **settings):
    nn.manual_seed(1)
    model = nn.MLP(len(data.inputs[0]), list(sizes), "tanh")
    optimiser = nn.Adam(model.parameters(), lr=0.05)
    return model, nn.fit(
        model, data, optimiser=optimiser, epochs=epochs, batch_size=10, callbacks=callbacks, **settings
    )


def lines(axes):
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.lines}


def test_without_matplotlib_the_error_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(StepgradError, match=r"pip install 'stepgrad\[plots\]'"):
        plots.losses(History([1.0], [0.1], [], "eager"))


# --- curves -------------------------------------------------------------------------------------------


@pytest.mark.needs_matplotlib
def test_losses_and_accuracies_over_the_steps(plt):
    _, history = trained(validation=MOONS, early_stopping=3)
    loss, accuracy = plots.losses(history).axes
    steps, each = lines(loss)["each step"]
    assert (steps, each) == ([*range(1, 19)], history.losses)
    assert lines(loss)["training, mean of the epoch"] == ([3, 6, 9, 12, 15, 18], [e.loss for e in history.epochs])
    assert lines(loss)["validation"][1] == [e.validation_loss for e in history.epochs]
    assert lines(accuracy)["training"][1] == [e.accuracy for e in history.epochs]
    assert lines(accuracy)["validation"][1] == [e.validation_accuracy for e in history.epochs]
    assert lines(loss)["best, restored"][0] == [3 * history.best] * 2
    assert accuracy.yaxis.get_major_formatter()(0.5, 0) == "50%"
    assert accuracy.get_xlabel() == "step"


@pytest.mark.needs_matplotlib
def test_losses_of_a_regression_and_of_decades(plt):
    epochs = [Epoch(i, i, loss, 0.1, 0.0) for i, loss in enumerate([100.0, 1.0], 1)]
    (axes,) = plots.losses(History([100.0, 1.0], [0.1, 0.1], epochs, "eager")).axes
    assert axes.get_yscale() == "log"
    assert "validation" not in lines(axes)
    (axes,) = plots.losses(History([1.0, 0.0], [0.1, 0.1], [], "eager")).axes
    assert axes.get_yscale() == "linear"
    assert [*lines(axes)] == ["each step"]


def test_a_history_without_steps_has_nothing_to_plot():
    with pytest.raises(nn.ShapeError, match="no step was taken"):
        plots.losses(History())


@pytest.mark.needs_matplotlib
def test_a_curve_goes_through_what_the_model_computes(plt):
    w = Value(2.0, "w")
    data = [[0.0], [1.0], [3.0]], [0.0, 2.0, 6.0]
    (axes,) = plots.curve(lambda x: w * x[0], data, math.sin).axes
    x, y = lines(axes)["model"]
    assert (x[0], x[-1], len(x)) == (0.0, 3.0, 400)
    assert y == pytest.approx([2.0 * each for each in x])
    assert lines(axes)["truth"][1] == [math.sin(each) for each in x]
    assert axes.get_xlabel() == "x"
    (axes,) = plots.curve(lambda x: w * x[0], nn.data.sine(5)).axes
    assert "truth" not in lines(axes)
    with pytest.raises(nn.ShapeError, match="inputs of one number, not of 2"):
        plots.curve(lambda x: w, MOONS)


# --- the plane ----------------------------------------------------------------------------------------


def pixel(axes, x, y):
    """Return the colour that was drawn at a place."""
    (image,) = axes.images
    left, right, low, high = image.get_extent()
    pixels = image.get_array()
    rows, columns = pixels.shape[:2]
    return tuple(
        pixels[round((y - low) / (high - low) * (rows - 1)), round((x - left) / (right - left) * (columns - 1))]
    )


@pytest.mark.needs_matplotlib
@pytest.mark.parametrize(("middle", "sure"), [(0.0, 8.0), (0.5, 1.0)])
def test_a_boundary_has_the_colours_of_the_classes_on_its_sides(plt, middle, sure):
    data = nn.data.Dataset([[-1.0, -1.0], [1.0, 1.0], [1.0, 0.0]], [0, 1, 1], "classification", ("no", "yes"))
    scale = Value(sure, "scale")
    (axes,) = plots.boundary(lambda x: scale * x[0] + middle, data, middle=middle, points=41).axes
    red, _, blue = pixel(axes, -1.0, 0.5)
    assert blue > red  # the first class is blue
    red, _, blue = pixel(axes, 1.0, 0.5)
    assert red > blue
    weak, strong = sum(pixel(axes, 0.1, 0.0)), sum(pixel(axes, 1.0, 0.0))
    assert weak > strong
    (line,) = [c for c in axes.collections if c.get_label() not in ("no", "yes")]
    assert [x for path in line.get_paths() for x, _ in path.vertices] == pytest.approx([0.0] * 41, abs=1e-9)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["no", "yes"]


@pytest.mark.needs_matplotlib
def test_a_boundary_of_three_classes_and_of_one(plt):
    blobs = nn.data.blobs(30)
    one = Value(1.0, "one")
    (axes,) = plots.boundary(lambda x: [one * x[0], -x[0] + x[1] * one, -x[0] - x[1] * one], blobs, points=20).axes
    assert len({max(range(3), key=pixel(axes, *place).__getitem__) for place in [(2.0, 0.0), (-1.0, 2.0)]}) == 2
    assert len(axes.collections) == 3 + 3  # samples and lines
    (axes,) = plots.boundary(lambda x: [one + 1.0, one, one], blobs, points=20).axes
    assert len(axes.collections) == 3  # one class everywhere: no line
    (axes,) = plots.boundary(lambda x: [one * x[0], -x[0], one - 99.0], blobs, points=20).axes
    assert len(axes.collections) == 3 + 2  # one class nowhere


@pytest.mark.needs_matplotlib
def test_classes_may_be_given_by_lists_and_need_no_names(plt):
    data = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    w = Value(1.0, "w")
    (axes,) = plots.boundary(lambda x: [w, w * x[0], w * x[1]], data, points=5).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "2"]
    with pytest.raises(nn.ShapeError, match="inputs of two numbers, not of 4"):
        plots.boundary(lambda x: w, nn.data.iris())


@pytest.mark.needs_matplotlib
@pytest.mark.parametrize("suffix", [".gif", ".html"])
@pytest.mark.parametrize("sizes", [(3, 1), (3, 2)])
def test_a_film_shows_the_training(plt, tmp_path, suffix, sizes):
    film = plots.Film(MOONS, every=2, points=10)
    _, history = trained([film], sizes=sizes, epochs=4)
    assert [epoch for epoch, _ in film.pictures] == [1, 2, 4]
    assert film.losses == [epoch.loss for epoch in history.epochs]
    path = film.save(tmp_path / f"film{suffix}")
    if suffix == ".gif":
        from PIL import Image

        with Image.open(path) as image:
            assert image.n_frames == 3
    else:
        text = path.read_text("utf-8")
        assert text.startswith("<!DOCTYPE html>")
        assert text.count("data:image/png;base64,") == 3
        assert "http" not in text
        assert set(re.findall("fa fa-([a-z-]+)", text)) == set(ICONS)  # each button has its icon
        assert film._repr_html_().count("data:image/png;base64,") == 3
    assert not plt.get_fignums()


def test_a_film_says_what_is_missing(tmp_path):
    film = plots.Film(MOONS)
    with pytest.raises(nn.SettingError, match=r"saved as .gif or .html, not as film.mp4"):
        film.save(tmp_path / "film.mp4")
    with pytest.raises(StepgradError, match=r"pass the film to nn.fit\(..., callbacks=\[film\]\)"):
        film.save(str(tmp_path / "film.gif"))


# --- layers -------------------------------------------------------------------------------------------


@pytest.mark.needs_matplotlib
def test_layers_are_watched(plt):
    watch = plots.Watch(every=4)
    model, _history = trained([watch])
    assert watch.steps == [1, 4, 8, 12, 16]
    assert watch.names == ["layer 1", "layer 2"]
    unwatched, _ = trained()
    assert model.state_dict() == unwatched.state_dict()
    above, below = plots.layers(watch).axes
    assert lines(above)["layer 2"] == (watch.steps, [look[1][1] for look in watch.activations])
    assert lines(below)["layer 1"] == (watch.steps, [look[0] for look in watch.gradients])
    assert below.get_yscale() == "log"


def test_what_is_watched_is_what_one_computes_by_hand():
    watch = plots.Watch(every=1)
    seen = []
    model, _ = trained([watch, lambda run: seen.append([p.grad for p in run.model.layers[0].parameters()])], epochs=1)
    outputs = [output.data for x in MOONS.inputs for output in model.layers[0](x)]
    mean = sum(outputs) / len(outputs)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in outputs) / len(outputs))
    assert watch.activations[-1][0] == pytest.approx((mean, deviation))
    assert watch.gradients[-1][0] == pytest.approx(math.sqrt(sum(g * g for g in seen[0]) / len(seen[0])))


@pytest.mark.needs_matplotlib
def test_a_dead_layer_can_be_plotted(plt):
    watch = plots.Watch()
    watch.steps, watch.names = [1, 5], ["out"]
    watch.activations, watch.gradients = [[(0.0, 0.0)], [(0.0, 0.0)]], [[0.0], [0.0]]
    assert plots.layers(watch).axes[1].get_yscale() == "linear"


def test_a_watch_says_what_is_missing():
    with pytest.raises(StepgradError, match=r"pass the watch to nn.fit"):
        plots.layers(plots.Watch())
    w = Value(1.0, "w")
    with pytest.raises(nn.SettingError, match="Watch needs a model with Layers, and .* has none"):
        nn.fit(lambda x: w * x[0], ([[1.0]], [1.0]), optimiser=nn.SGD([w]), callbacks=[plots.Watch()])


# --- the landscape ------------------------------------------------------------------------------------


@pytest.mark.needs_matplotlib
def test_a_surface_with_the_track_of_a_training(plt):
    track = plots.Track(every=2)
    model, _ = trained([track], epochs=7)
    assert len(track.places) == 4  # after epochs 1, 2, 4 and 6
    before = model.state_dict()
    axes, bar = plots.surface(model, MOONS, track=track, points=5).axes
    assert model.state_dict() == before
    (walked,) = axes.lines
    x, y = walked.get_data()
    here = [p.data for p in model.parameters()]
    away = [[a - b for a, b in zip(place, here, strict=True)] for place in track.places]
    for i, place in enumerate(away):  # two directions hold nearly all of a short path
        assert x[i] ** 2 + y[i] ** 2 <= sum(d * d for d in place) * (1.0 + 1e-9)
    assert x[0] ** 2 + y[0] ** 2 == pytest.approx(sum(d * d for d in away[0]), rel=0.1)
    assert bar.get_ylabel() == "loss"


@pytest.mark.needs_matplotlib
def test_a_surface_is_lowest_at_the_minimum(plt):
    data = [[1.0, 0.0], [0.0, 1.0]], [3.0, -2.0]
    model = nn.Neuron(2, weights=[3.0, -2.0], bias=0.0)
    axes, _ = plots.surface(model, data, nn.mean_squared_error, points=11, reach=0.5).axes
    assert axes.get_xlim() == (-0.5, 0.5)
    seen = []
    original = plots.landscape._at

    def noting(place, leaves, measure):
        seen.append((original(place, leaves, measure), list(place)))
        return seen[-1][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots.landscape, "_at", noting)
        plots.surface(model, data, nn.mean_squared_error, points=11, reach=0.5)
    lowest, place = min(seen)
    assert (lowest, place) == (pytest.approx(0.0, abs=1e-20), pytest.approx([3.0, -2.0, 0.0]))
    for loss, (a, b, c) in seen:
        assert loss == pytest.approx(((a + c - 3.0) ** 2 + (b + c + 2.0) ** 2) / 2.0, abs=1e-12)


@pytest.mark.needs_matplotlib
def test_a_track_of_two_places_shows_no_plane(plt):
    track = plots.Track()
    model, _ = trained([track], epochs=2)
    with pytest.raises(StepgradError, match="a track needs at least three places"):
        plots.surface(model, MOONS, track=track)
