package dev.sardonyx.cli;

import dev.sardonyx.cli.service.PartyService;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sardonyx party}: one computing party, until it is told to end. */
@Command(name = "party", mixinStandardHelpOptions = true, sortOptions = false, description = "Runs one computing party until SIGTERM, which lets running requests end.")
final class PartyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The party's file, as 'cluster init' writes it.")
    @Nullable
    Path config;

    PartyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        PartyService service = PartyService.start(Objects.requireNonNull(config), terminal.err());
        Runtime.getRuntime().addShutdownHook(new Thread(service::drain, "drain"));
        new CountDownLatch(1).await();
        return ExitCode.OK.status();
    }
}
