package dev.sardonyx;

import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.importer.OnnxModel;
import dev.sardonyx.reference.files.Numpy;
import dev.sardonyx.secureops.execute.EmbeddedCluster;
import dev.sardonyx.secureops.planner.PlanOptions;
import dev.sardonyx.transport.LinkProfile;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Private prediction with all parties in this process:
 *
 * <pre>{@code
 * try (var sardonyx = Sardonyx.embedded(Protocol.REPLICATED_3)) {
 *     var lenet = sardonyx.load(Path.of("lenet.onnx"));
 *     Tensor scores = lenet.predict(image);
 * }
 * }</pre>
 *
 * <p>This is for evaluation: the parties keep apart what they hold, but whoever owns the process can see all of it.
 */
public final class Sardonyx implements AutoCloseable {
    private final Protocol protocol;
    private final EmbeddedCluster cluster;

    private Sardonyx(Protocol protocol, EmbeddedCluster cluster) {
        this.protocol = protocol;
        this.cluster = cluster;
    }

    /** Starts all parties of a protocol in this process, with links as fast as memory. */
    public static Sardonyx embedded(Protocol protocol) {
        return embedded(protocol, LinkProfile.NONE, OptionalLong.empty());
    }

    /**
     * Starts all parties of a protocol in this process.
     *
     * @param links the shape of the network between them
     * @param insecureSeed determines all randomness, so that a run can be repeated and nothing is secret; empty: the system's randomness
     */
    public static Sardonyx embedded(Protocol protocol, LinkProfile links, OptionalLong insecureSeed) {
        EmbeddedCluster.Options options = EmbeddedCluster.Options.standard().withLinks(links);
        if (insecureSeed.isPresent()) {
            options = options.withInsecureSeed(insecureSeed.getAsLong());
        }
        return new Sardonyx(protocol, EmbeddedCluster.open(protocol.implementation(), options));
    }

    /**
     * Connects to parties that run elsewhere, as the data owner of the cluster's file:
     *
     * <pre>{@code
     * try (var cluster = Sardonyx.connect(Path.of("cluster.yaml"))) {
     *     var lenet = cluster.model("lenet");
     *     Tensor scores = lenet.predict(image);
     * }
     * }</pre>
     */
    public static RemoteCluster connect(Path cluster) {
        return RemoteCluster.connect(cluster, "data-owner");
    }

    public Protocol protocol() {
        return protocol;
    }

    /** What models are planned for unless it is said otherwise: secret weights, planned scales, input ranges from the inputs given. */
    public PlanOptions options() {
        return PlanOptions.of(protocol.implementation(), Map.of());
    }

    /**
     * Loads a model. It is planned, and its weights shared, when the shapes of its first inputs are known.
     *
     * @throws dev.sardonyx.importer.ImportException if the file is no ONNX model that can be read
     */
    public Model load(Path onnx) {
        return load(OnnxModel.read(onnx), nameOf(onnx), options());
    }

    /**
     * Loads a model's architecture with other weights: an {@code .npz} with an array for each name of {@link Model#weights()}.
     *
     * @throws dev.sardonyx.importer.ImportException listing the names and shapes that do not fit
     */
    public Model load(Path onnx, Path weights) {
        return load(OnnxModel.read(onnx).withWeights(Numpy.readAll(weights)), nameOf(onnx), options());
    }

    /**
     * Loads a model that was read before.
     *
     * @param name what plans call it
     * @param options what to plan for; inputs without a declared range get that of the inputs given, rounded outward to powers of two
     */
    public Model load(OnnxModel model, String name, PlanOptions options) {
        return new Model(cluster, model, name, options);
    }

    /** The name that plans call a model by: its file's without {@code .onnx}; of {@code …/x/model.onnx} x. */
    public static String nameOf(Path onnx) {
        Path absolute = onnx.toAbsolutePath().normalize();
        String file = String.valueOf(absolute.getFileName());
        String name = file.endsWith(".onnx") ? file.substring(0, file.length() - ".onnx".length()) : file;
        Path folder = absolute.getParent();
        return name.equals("model") && folder != null && folder.getFileName() != null ? folder.getFileName().toString() : name;
    }

    /**
     * Shares the weights of what was compiled before, for callers that compile themselves.
     *
     * @throws dev.sardonyx.secureops.execute.RunException if it was compiled for another protocol
     */
    public EmbeddedCluster.LoadedModel share(Compiled compiled) {
        return cluster.load(compiled.plans(), compiled.weights());
    }

    /** Stops all parties. */
    @Override
    public void close() {
        cluster.close();
    }
}
