"""Training and publishing of the PyTorch image models, whose input is [batch, 1, 28, 28]."""

import torch
import torch.nn.functional as F

from common import (PIXEL_SCALE, check, data_argument, distorted_batches, finish, mnist, model_path, save_samples,
                    steps_per_epoch)
from draw_digits import digits


def train(net, images, labels, epochs, rate, decay):
    steps = epochs * steps_per_epoch(labels)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    net.train()
    for step, (batch, target) in zip(range(steps), distorted_batches(images, labels, seed=1)):
        # Smoothed labels keep the logits small, which fixed-point numbers like.
        loss = F.cross_entropy(net(batch[:, None]), target, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 469 == 468:
            print(f"step {step + 1}/{steps}: loss {loss.item():.3f}", flush=True)
    net.eval()


def publish(name, net, export, **training):
    """Trains net on the MNIST of --data, calls export(net, one image, path), then checks and completes the result."""
    data = data_argument()
    train(net, *mnist(data, "train"), **training)
    path = model_path(name)
    export(net, torch.zeros(1, 1, 28, 28), path)
    finish(path, PIXEL_SCALE)
    images, labels = mnist(data, "t10k")
    with torch.no_grad():
        check(path, net(torch.from_numpy(images[:, None])).numpy(), images[:, None], labels)
    drawn, drawn_labels = digits()
    save_samples(path, drawn[:, None].astype("float32") / 255, drawn_labels)
