package dev.sardonyx.cli;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Gives every command the terminal it reports to. */
final class CommandFactory implements IFactory {
    private final Terminal terminal;

    CommandFactory(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == RunCommand.class) {
            return type.cast(new RunCommand(terminal));
        }
        if (type == InspectCommand.class) {
            return type.cast(new InspectCommand(terminal));
        }
        if (type == CompareCommand.class) {
            return type.cast(new CompareCommand(terminal));
        }
        if (type == VerifyCommand.class) {
            return type.cast(new VerifyCommand(terminal));
        }
        if (type == BenchCommand.class) {
            return type.cast(new BenchCommand(terminal));
        }
        if (type == ClusterCommand.class) {
            return type.cast(new ClusterCommand(terminal));
        }
        if (type == PartyCommand.class) {
            return type.cast(new PartyCommand(terminal));
        }
        if (type == DeployCommand.class) {
            return type.cast(new DeployCommand(terminal));
        }
        if (type == ModelsCommand.class) {
            return type.cast(new ModelsCommand(terminal));
        }
        if (type == PredictCommand.class) {
            return type.cast(new PredictCommand(terminal));
        }
        if (type == GatewayCommand.class) {
            return type.cast(new GatewayCommand(terminal));
        }
        if (type == DoctorCommand.class) {
            return type.cast(new DoctorCommand(terminal));
        }
        return CommandLine.defaultFactory().create(type);
    }
}
