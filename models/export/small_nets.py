"""Well-known PyTorch architectures, complete in structure but a few channels wide."""

import torch
import transformers
from torch import nn
from torch.nn import functional
from torchvision.models import densenet, efficientnet, mobilenetv2, resnet, squeezenet, vgg, vision_transformer
from torchvision.ops.misc import Conv2dNormActivation

CLASSES = 10


def pictures(count, side):
    """Smooth random images in 0..1; noise would look alike to deep layers, whose norms would then blow it up."""
    return functional.interpolate(torch.rand(count, 3, 3, 3), (side, side), mode="bilinear", align_corners=True)


def vary(net):
    """Moves biases and the weights of norms away from the 0 and 1 they start at, where a mix-up would not show."""
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.dim() == 1:
                parameter += 0.2 * torch.randn_like(parameter)


def calibrate(net, side):
    """Gives every batch norm running statistics that fit the net, as training would."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # a plain average over the passes below
    net.train()
    with torch.no_grad():
        for _ in range(4):
            net(pictures(32, side))
    for norm in norms:
        norm.running_var.clamp_(min=0.05)  # a channel that hardly varies must not multiply rounding errors


def resnet18():
    def stage(inputs, outputs, stride):
        shortcut = None
        if stride > 1:
            shortcut = nn.Sequential(resnet.conv1x1(inputs, outputs, stride), nn.BatchNorm2d(outputs))
        return nn.Sequential(resnet.BasicBlock(inputs, outputs, stride, shortcut), resnet.BasicBlock(outputs, outputs))

    return nn.Sequential(
        nn.Conv2d(3, 4, 7, 2, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        stage(4, 4, 1), stage(4, 8, 2), stage(8, 12, 2), stage(12, 16, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, CLASSES),
    )


def mobilenet_v2():
    net = mobilenetv2.MobileNetV2(CLASSES, width_mult=0.1, round_nearest=2)
    inputs = net.features[-1][0].in_channels
    net.features[-1] = Conv2dNormActivation(inputs, 48, kernel_size=1, activation_layer=nn.ReLU6)
    net.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(48, CLASSES))
    nn.init.normal_(net.classifier[1].weight, 0, 0.6)
    return net


def vgg11():
    net = vgg.VGG(vgg.make_layers([4, "M", 8, "M", 12, 12, "M", 16, 16, "M", 16, 16, "M"]), CLASSES, init_weights=False)
    net.avgpool = nn.AdaptiveAvgPool2d(1)
    net.classifier = nn.Sequential(
        nn.Linear(16, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, CLASSES))
    return he_normal(net)


def squeezenet11():
    def fires(*sizes):
        return (squeezenet.Fire(inputs, squeeze, expand, expand) for inputs, squeeze, expand in sizes)

    features = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True),
        *fires((8, 2, 8), (16, 2, 8)), nn.MaxPool2d(3, 2, ceil_mode=True),
        *fires((16, 4, 12), (24, 4, 12)), nn.MaxPool2d(3, 2, ceil_mode=True),
        *fires((24, 4, 16), (32, 4, 16), (32, 6, 16), (32, 6, 16)),
    )
    net = squeezenet.SqueezeNet("1_1", CLASSES)
    net.features = features
    net.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(32, CLASSES, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
    return he_normal(net)


def efficientnet_b0():
    # expansion, kernel, stride, inputs, outputs, layers: B0's table with the channels cut
    table = [(1, 3, 1, 8, 8, 1), (6, 3, 2, 8, 8, 2), (6, 5, 2, 8, 8, 2), (6, 3, 2, 8, 8, 3),
             (6, 5, 1, 8, 8, 3), (6, 5, 2, 8, 8, 4), (6, 3, 1, 8, 16, 1)]
    stages = [efficientnet.MBConvConfig(*row, 1.0, 1.0) for row in table]
    net = efficientnet.EfficientNet(stages, dropout=0.2, num_classes=CLASSES, last_channel=48)
    nn.init.normal_(net.classifier[1].weight, 0, 0.6)
    return net


def densenet121():
    return densenet.DenseNet(growth_rate=2, block_config=(6, 12, 24, 16), num_init_features=4, bn_size=2, num_classes=CLASSES)


def vit():
    net = vision_transformer.VisionTransformer(16, 4, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=CLASSES)
    nn.init.normal_(net.heads.head.weight, 0, 0.2)  # torchvision starts it at zero
    return net


class UNet(nn.Module):
    """Two levels: one comes back up by a transposed convolution, the other by bilinear interpolation."""

    def __init__(self):
        super().__init__()
        self.down1, self.down2, self.bottom = self.double(3, 6), self.double(6, 10), self.double(10, 16)
        self.pool = nn.MaxPool2d(2)
        self.up2 = nn.ConvTranspose2d(16, 10, 2, stride=2)
        self.up1 = nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(10, 6, 1))
        self.left2, self.left1 = self.double(20, 10), self.double(12, 6)
        self.head = nn.Conv2d(6, 2, 1)

    @staticmethod
    def double(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU())

    def forward(self, image):
        top = self.down1(image)
        middle = self.down2(self.pool(top))
        bottom = self.bottom(self.pool(middle))
        middle = self.left2(torch.cat([self.up2(bottom), middle], 1))
        return torch.sigmoid(self.head(self.left1(torch.cat([self.up1(middle), top], 1))))


class LstmClassifier(nn.Module):
    """Token ids through two bidirectional layers; the last step of the top layer decides."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.lstm = nn.LSTM(8, 12, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(24, 4)

    def forward(self, ids):
        steps, _ = self.lstm(self.embedding(ids))
        return self.head(steps[:, -1])


class GruClassifier(nn.Module):
    """A series of measurements, time first, through one layer; its final state decides."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 16)
        self.head = nn.Sequential(nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 4))

    def forward(self, series):
        _, state = self.gru(series)
        return self.head(state[-1]).softmax(-1)


class TransformerEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(16, 2, 32, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 4)

    def forward(self, sequence):
        return self.head(self.encoder(sequence).mean(1))


class Outputs(nn.Module):
    """One tensor out of a transformers model."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, input_ids, attention_mask):
        return self.net(input_ids, attention_mask=attention_mask).logits


def bert():
    config = transformers.BertConfig(
        vocab_size=60, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=24, num_labels=3, initializer_range=0.2)
    return Outputs(transformers.BertForSequenceClassification(config))


def gpt2():
    config = transformers.GPT2Config(
        vocab_size=60, n_positions=24, n_embd=16, n_layer=2, n_head=2, initializer_range=0.2,
        use_cache=False, bos_token_id=0, eos_token_id=0)
    return Outputs(transformers.GPT2LMHeadModel(config))


def he_normal(net):
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return net
