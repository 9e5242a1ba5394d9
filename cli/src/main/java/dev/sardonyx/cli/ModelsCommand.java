package dev.sardonyx.cli;

import dev.sardonyx.cli.service.RemoteCluster;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sardonyx models}: what the parties hold. */
@Command(name = "models", mixinStandardHelpOptions = true, description = "Lists and removes the models that a cluster's parties hold.")
final class ModelsCommand {
    private static final int HASH_SHOWN = 16;

    private final Terminal terminal;

    ModelsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, sortOptions = false, description = "Lists them, party by party; those of parties that are away are missing, which is said.")
    int list(@Mixin ClusterArguments cluster, @Mixin OutputArguments output) {
        RemoteCluster.Listing listing;
        try (RemoteCluster remote = cluster.connect(ClusterArguments.MODEL_OWNER)) {
            listing = remote.listing();
        }
        List<RemoteCluster.Listed> models = listing.models();
        if (output.json) {
            var json = new Json();
            json.object(() -> json.name("models").array(() -> models.forEach(model -> json.object(() -> {
                json.name("party").value(model.party());
                json.name("model").value(model.name());
                json.name("version").value(model.version());
                json.name("planHash").value(model.planHash());
                json.name("deployed").value(model.deployed());
                json.name("owner").value(model.owner());
                json.name("bytes").value(model.bytes());
                json.name("state").value(model.state());
            }))));
            terminal.out().print(json);
        } else {
            var table = new Table("party", "model", "version", "plan", "deployed", "owner", "bytes", "state");
            models.forEach(model -> table.row(String.valueOf(model.party()), model.name(), String.valueOf(model.version()),
                    model.planHash().length() > HASH_SHOWN ? model.planHash().substring(0, HASH_SHOWN) : model.planHash(), model.deployed(), model.owner(),
                    String.valueOf(model.bytes()), model.state()));
            table.lines().forEach(terminal.out()::println);
        }
        if (!listing.away().isEmpty()) {
            // The others' are shown all the same; the first of these ends the command with its status.
            listing.away().stream().skip(1).forEach(away -> terminal.remark(String.valueOf(away.getMessage())));
            throw listing.away().getFirst();
        }
        return ExitCode.OK.status();
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, sortOptions = false, description = "Deletes one at every party.")
    int remove(@Parameters(paramLabel = "NAME", description = "Its name.") String name, @Mixin ClusterArguments cluster) {
        try (RemoteCluster remote = cluster.connect(ClusterArguments.MODEL_OWNER)) {
            remote.remove(name);
        }
        terminal.out().println("removed " + name);
        return ExitCode.OK.status();
    }
}
