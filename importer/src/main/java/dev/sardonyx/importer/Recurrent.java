package dev.sardonyx.importer;

import static dev.sardonyx.importer.Operator.core;

import java.util.List;

/** Recurrent layers, unrolled over the (public) length of the sequence. */
final class Recurrent {
    private static final String UNROLLED = "unrolled; sequence lengths are public";

    static final List<Operator> TABLE = List.of(
            core("RNN").versions(7, 14).publicInputs(4).note(UNROLLED).translates(node -> new RecurrentLayer(node, RecurrentLayer.Cell.RNN).translate()),
            core("GRU").versions(7, 14).publicInputs(4).note(UNROLLED).translates(node -> new RecurrentLayer(node, RecurrentLayer.Cell.GRU).translate()),
            core("LSTM").versions(7, 14).publicInputs(4).note(UNROLLED)
                    .translates(node -> new RecurrentLayer(node, RecurrentLayer.Cell.LSTM).translate()));

    private Recurrent() {
    }
}
