package dev.sardonyx.cli.gateway;

import dev.sardonyx.Model;
import dev.sardonyx.Protocol;
import dev.sardonyx.Sardonyx;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** All parties in this process: what a gateway needs, without connections. Its one model is {@code mlp}, four rows a run. */
final class EmbeddedBackend implements Backend {
    private final Sardonyx sardonyx = Sardonyx.embedded(Protocol.REPLICATED_3);
    private final Model model;
    private volatile long version = 1;
    volatile Optional<String> trouble = Optional.empty();
    volatile int runs;

    EmbeddedBackend(Path onnx) {
        model = sardonyx.load(onnx);
    }

    /** What the face of the model is from now on; faces given before are stale. */
    void nextVersion() {
        version++;
    }

    @Override
    public ModelFace model(String name) {
        if (!name.equals("mlp")) {
            throw new GatewayException(404, "no such model");
        }
        return new ModelFace("mlp", version, "00", "embedded", List.of(new ModelFace.Port("image", Datatype.FP32, Shape.of(4, 1, 28, 28))),
                List.of(new ModelFace.Port("scores", Datatype.FP32, Shape.of(4, 10))), OptionalInt.of(4));
    }

    @Override
    public synchronized Answered run(ModelFace face, Map<String, Tensor> inputs) {
        if (face.version() != version) {
            throw new GatewayException(409, "another version");
        }
        runs++;
        // Plans in this process are made for the model's own types; those at parties take what can be encoded.
        return new Answered(model.predict(Map.of("image", inputs.get("image").as(ElementType.FLOAT32))), "run" + runs);
    }

    @Override
    public Optional<String> trouble() {
        return trouble;
    }

    @Override
    public void close() {
        sardonyx.close();
    }
}
