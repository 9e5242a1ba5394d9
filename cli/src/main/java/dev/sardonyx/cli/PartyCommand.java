package dev.sardonyx.cli;

import dev.sardonyx.cli.events.LogFormat;
import dev.sardonyx.cli.service.PartyService;
import dev.sardonyx.secureops.protocol.Seating;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sardonyx party}: one party, be it computing or the dealer, until it is told to end. */
@Command(name = "party", mixinStandardHelpOptions = true, sortOptions = false, description = "Runs one party (a computing one, or the dealer) until SIGTERM, which lets running requests end.")
final class PartyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The party's file, as 'cluster init' writes it.")
    @Nullable
    Path config;

    @Option(names = Seating.COLOCATED_DEALER_FLAG, description = "Start although the dealer is run by who runs a computing party, who then sees everything: for evaluation.")
    boolean insecureColocatedDealer;

    @Option(names = "--log-format", paramLabel = "FORMAT", defaultValue = "text", description = "One line an event on stderr: text or json. Default: ${DEFAULT-VALUE}.")
    LogFormat logFormat = LogFormat.TEXT;

    PartyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        PartyService service = PartyService.start(Objects.requireNonNull(config), insecureColocatedDealer, terminal.err(), logFormat);
        Runtime.getRuntime().addShutdownHook(new Thread(service::drain, "drain"));
        new CountDownLatch(1).await();
        return ExitCode.OK.status();
    }
}
