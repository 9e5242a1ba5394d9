package dev.sardonyx.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The command {@code sardonyx}. */
@Command(name = "sardonyx", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, sortOptions = false,
        description = "Runs trained ONNX models on inputs that stay secret, by secure multi-party computation.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "1:outside the tolerance (verify: a case failed)", "2:bad usage or bad input", "3:unsupported model",
                "4:a party failed", "5:refused (authorisation, quota, range)"},
        footer = {"", "Embedded runs hold all parties in one process: they show that the numbers are",
                "right and what a run costs, and keep nothing secret from whoever owns it."},
        subcommands = {RunCommand.class, InspectCommand.class, CompareCommand.class, VerifyCommand.class, BenchCommand.class, ClusterCommand.class,
                PartyCommand.class, DeployCommand.class, ModelsCommand.class, PredictCommand.class, GatewayCommand.class,
                DoctorCommand.class, HelpCommand.class})
public final class Main {
    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[]{"sardonyx " + (version == null ? "(built in place)" : version)};
        }
    }

    private Main() {
    }

    /** Runs the command in this process's own streams. */
    public static void main(String[] arguments) {
        StandardError.restore();
        System.exit(run(List.of(arguments), Terminal.ofProcess()));
    }

    /** Runs the command and gives its exit status. */
    static int run(List<String> arguments, Terminal terminal) {
        CommandLine command = commandLine(terminal);
        command.setOut(new PrintWriter(terminal.out(), true));
        command.setErr(new PrintWriter(terminal.err(), true));
        command.setUsageHelpAutoWidth(false);
        command.setUsageHelpWidth(Math.min(terminal.columns(), 110));
        command.setParameterExceptionHandler((e, _) -> fail(e, terminal).status());
        command.setExecutionExceptionHandler((e, _, _) -> fail(e, terminal).status());
        try {
            if (arguments.isEmpty()) {
                command.usage(terminal.err());
                return ExitCode.BAD_INPUT.status();
            }
            return command.execute(arguments.toArray(String[]::new));
        } catch (OutOfMemoryError e) {
            return fail(e, terminal).status();
        }
    }

    /** All commands with their options. */
    static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new Main(), new CommandFactory(terminal)).setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static ExitCode fail(Throwable failure, Terminal terminal) {
        List<String> lines = Failures.lines(failure);
        terminal.err().println("sardonyx: " + lines.getFirst());
        lines.stream().skip(1).forEach(terminal.err()::println);
        if (System.getenv("SARDONYX_TRACE") != null) {
            failure.printStackTrace(terminal.err());
        }
        return Failures.exitCode(failure);
    }
}
