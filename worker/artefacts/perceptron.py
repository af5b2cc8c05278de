"""Training of a small multilayer perceptron in numpy: soft labels, row weights, feature dropout, Adam.

scikit-learn's has no soft labels; nothing larger is needed. The result is plain arrays.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

SAMPLE = 60_000  # rows that set the scale of each feature
CLIP = 4.0  # standard deviations beyond which a feature says no more
HEAVIEST = 20.0  # times the mean weight
WARM_UP = 100  # steps


class Perceptron(NamedTuple):
    mean: Matrix
    scale: Matrix  # 1 / standard deviation
    layers: tuple[tuple[Matrix, Matrix], ...]  # (weights, biases), in order; ReLU between, a logit at the end


def standardise(rows: Matrix, mean: Matrix, scale: Matrix) -> Matrix:
    scaled: Matrix = np.clip((rows - mean) * scale, -CLIP, CLIP)
    return scaled


def predict(model: Perceptron, rows: Matrix) -> Matrix:
    """The probability of each row."""
    values = standardise(rows, model.mean, model.scale)
    for weights, biases in model.layers[:-1]:
        values = np.maximum(values @ weights + biases, 0)
    weights, biases = model.layers[-1]
    scores: Matrix = (1 / (1 + np.exp(-(values @ weights + biases)[:, 0]))).astype(np.float32)
    return scores


def fit(
    rows: Matrix,
    labels: Matrix,
    weights: Matrix,
    *,
    hidden: tuple[int, ...] = (64, 32),
    epochs: int = 10,
    batch: int = 1024,
    rate: float = 2e-3,
    decay: float = 1e-3,
    dropout: float = 0.1,
    seed: int = 0,
) -> Perceptron:
    """A perceptron for `labels` (0 to 1). The same input gives the same model."""
    rng = np.random.default_rng(seed)
    mean, scale = _scale(rows, rng)
    inputs = standardise(rows, mean, scale).astype(np.float32)
    weights = np.minimum(weights / weights.mean(), HEAVIEST).astype(np.float32)
    labels = labels.astype(np.float32)
    sizes = (rows.shape[1], *hidden, 1)
    parameters: list[Matrix] = []
    for before, after in pairwise(sizes):
        parameters.append((rng.standard_normal((before, after)) * np.sqrt(2 / before)).astype(np.float32))
        parameters.append(np.zeros(after, np.float32))
    adam = _Adam(parameters, rate, decay, epochs * (len(rows) // batch))
    for _ in range(epochs):
        order = rng.permutation(len(rows))
        for start in range(0, len(rows) - batch + 1, batch):
            chosen = order[start : start + batch]
            kept = (rng.random((1, rows.shape[1])) > dropout).astype(np.float32)
            adam.step(_gradients(parameters, inputs[chosen] * kept, labels[chosen], weights[chosen]))
    layers = tuple(zip(parameters[0::2], parameters[1::2], strict=True))
    return Perceptron(mean, scale, layers)


def _scale(rows: Matrix, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    sample = rows[rng.choice(len(rows), min(len(rows), SAMPLE), replace=False)]
    low, high = np.percentile(sample, [1, 99], axis=0)
    sample = np.clip(sample, low, high)
    return sample.mean(0).astype(np.float32), (1 / (sample.std(0) + 1e-3)).astype(np.float32)


def _gradients(parameters: list[Matrix], rows: Matrix, labels: Matrix, weights: Matrix) -> list[Matrix]:
    """Of the weighted cross-entropy, for each parameter."""
    values = [rows]
    count = len(parameters) // 2
    for layer in range(count):
        linear = values[-1] @ parameters[2 * layer] + parameters[2 * layer + 1]
        values.append(np.maximum(linear, 0) if layer < count - 1 else linear)
    probability = 1 / (1 + np.exp(-values[-1][:, 0]))
    slope = ((probability - labels) * weights / len(rows))[:, None]
    gradients: list[Matrix] = []
    for layer in range(count - 1, -1, -1):
        gradients[:0] = [(values[layer].T @ slope).astype(np.float32), slope.sum(0).astype(np.float32)]
        if layer:
            slope = (slope @ parameters[2 * layer].T) * (values[layer] > 0)
    return gradients


class _Adam:
    """Adam (Kingma & Ba, ICLR 2015) with a cosine rate and a short warm-up; weights decay, biases do not."""

    def __init__(self, parameters: list[Matrix], rate: float, decay: float, steps: int) -> None:
        self.parameters, self.rate, self.decay, self.steps = parameters, rate, decay, steps
        self.first = [np.zeros_like(parameter) for parameter in parameters]
        self.second = [np.zeros_like(parameter) for parameter in parameters]
        self.done = 0

    def step(self, gradients: list[Matrix]) -> None:
        self.done += 1
        rate = self.rate * 0.5 * (1 + np.cos(np.pi * self.done / self.steps)) * min(1, self.done / WARM_UP) + 1e-6
        for index, gradient in enumerate(gradients):
            self.first[index] = 0.9 * self.first[index] + 0.1 * gradient
            self.second[index] = 0.999 * self.second[index] + 0.001 * gradient**2
            mean = self.first[index] / (1 - 0.9**self.done)
            spread = np.sqrt(self.second[index] / (1 - 0.999**self.done)) + 1e-8
            shrink = self.decay * self.parameters[index] if index % 2 == 0 else 0
            self.parameters[index] -= (rate * (mean / spread + shrink)).astype(np.float32)
