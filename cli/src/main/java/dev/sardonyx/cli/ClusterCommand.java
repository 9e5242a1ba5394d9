package dev.sardonyx.cli;

import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.ClusterInit;
import dev.sardonyx.secureops.protocol.Seating;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx cluster init}: the files of a new cluster. */
@Command(name = "cluster", mixinStandardHelpOptions = true, description = "Makes the files of a cluster of parties.")
final class ClusterCommand {
    private static final int FIRST_PORT = 7400;

    private final Terminal terminal;

    @Spec
    @Nullable
    CommandSpec spec;

    ClusterCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(name = "init", mixinStandardHelpOptions = true, sortOptions = false, description = "Writes DIR/cluster.yaml (for owners), DIR/party-0.yaml … (one a party; DIR/dealer.yaml for a dealer), an authority, certificates and keys.")
    int init(@Parameters(paramLabel = "DIR", description = "A new or empty directory.") Path directory,
            @Option(names = "--address", paramLabel = "HOST:PORT", description = "Where each party listens, one for each, the dealer first where the protocol has one. Default: ports from 7400 of 127.0.0.1.") @Nullable List<String> addresses,
            @Option(names = "--operator", paramLabel = "NAME", description = "Who runs each party, one for each. Default: unsaid; a dealer's host then tells it from other parties.") @Nullable List<String> operators,
            @Option(names = "--days", paramLabel = "N", defaultValue = "365", description = "How long certificates are good. Default: ${DEFAULT-VALUE}.") int days,
            @Option(names = "--protocol", paramLabel = "NAME", defaultValue = "replicated3", description = "Sharing scheme. Default: ${DEFAULT-VALUE}.") String protocol) {
        if (days < 1 || days > 36_500) {
            throw usage("--days " + days + ": expected 1 to 36500");
        }
        Protocol chosen = Protocol.named(protocol).filter(Protocol::isSecure).orElseThrow(() -> usage("--protocol " + protocol + ": unknown"));
        List<String> places = addresses != null ? addresses : IntStream.range(0, chosen.implementation().parties()).mapToObj(party -> "127.0.0.1:" + (FIRST_PORT + party)).toList();
        List<Path> made = ClusterInit.write(new ClusterInit.Request(directory, chosen, places, operators == null ? List.of() : operators, Duration.ofDays(days)));
        made.forEach(terminal.out()::println);
        if (chosen.implementation().dealer().isPresent() && operators == null && addresses == null) {
            terminal.remark("the dealer is on the machine of the other parties, which are therefore started and used with " + Seating.COLOCATED_DEALER_FLAG
                    + ", for evaluation only; --address and --operator tell them apart");
        }
        terminal.remark("certificates are good for " + days + " days; keys/ca.key is needed for nothing but new certificates: keep it off the parties' machines");
        return ExitCode.OK.status();
    }

    private ParameterException usage(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
