package dev.sardonyx.cli;

import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.secureops.protocol.Seating;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster, and as whom. */
final class ClusterArguments {
    static final String MODEL_OWNER = "model-owner";
    static final String DATA_OWNER = "data-owner";

    @Option(names = {"--to", "--cluster"}, required = true, paramLabel = "CLUSTER", description = "The cluster's file for owners, as 'cluster init' writes it.")
    @Nullable
    Path cluster;

    @Option(names = "--as", paramLabel = "NAME", description = "Which of the file's identities to use. Default: model-owner to deploy, data-owner to predict.")
    @Nullable
    String identity;

    @Option(names = Seating.COLOCATED_DEALER_FLAG, description = "Use a cluster whose dealer is run by who runs a computing party, who then sees everything: for evaluation.")
    boolean insecureColocatedDealer;

    RemoteCluster connect(String usual) {
        return RemoteCluster.connect(Objects.requireNonNull(cluster), identity == null ? usual : identity, insecureColocatedDealer);
    }
}
