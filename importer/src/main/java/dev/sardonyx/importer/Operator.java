package dev.sardonyx.importer;

import dev.sardonyx.graph.ValueId;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * One ONNX operator that can be translated.
 *
 * @param domain its domain, empty for the core one
 * @param type its name
 * @param versions the operator-set versions since which its meaning is the one translated, ascending; the first is the oldest one
 *        accepted
 * @param publicInputs the input positions that must be public (shapes, axes, counts, …): they decide the graph's structure
 * @param secretInputs the input positions whose constants are learned numbers whatever their type (quantised weights and scales)
 * @param indexInputs the input positions that hold indices: integer constants there are structure, not learned numbers
 * @param note what a reader of the support table should know; may be empty
 * @param translator what it becomes
 */
public record Operator(String domain, String type, List<Integer> versions, Set<Integer> publicInputs, Set<Integer> secretInputs,
        Set<Integer> indexInputs, String note, Translator translator) {
    /** The oldest version of the core operator set that is imported. */
    public static final int OLDEST_OPSET = 6;

    public Operator {
        versions = List.copyOf(versions);
        publicInputs = Set.copyOf(publicInputs);
        secretInputs = Set.copyOf(secretInputs);
        indexInputs = Set.copyOf(indexInputs);
        if (versions.isEmpty() || !versions.equals(versions.stream().sorted().distinct().toList())) {
            throw new IllegalArgumentException(type + ": versions " + versions + "; expected at least one, ascending");
        }
    }

    /** The name as people read it, with the domain unless it is the core one. */
    public String qualifiedName() {
        return Domains.qualified(domain, type);
    }

    /** The oldest operator-set version accepted. */
    public int since() {
        return versions.getFirst();
    }

    /** Begins the row of a core operator whose meaning has been the same since the oldest opset imported. */
    static Row core(String type) {
        return new Row(Domains.CORE, type, List.of(OLDEST_OPSET), Set.of(), Set.of(), Set.of(), "");
    }

    /** Begins the row of an operator of classical models. */
    static Row ml(String type) {
        return new Row(Domains.ML, type, List.of(1), Set.of(), Set.of(), Set.of(), "");
    }

    /** Begins the row of an operator that ONNX Runtime's optimiser or quantiser writes. */
    static Row contributed(String type) {
        return new Row(Domains.CONTRIBUTED, type, List.of(1), Set.of(), Set.of(), Set.of(), "");
    }

    /** A row of a family's table, being written. */
    record Row(String domain, String type, List<Integer> versions, Set<Integer> publicInputs, Set<Integer> secretInputs,
            Set<Integer> indexInputs, String note) {

        Row versions(Integer... since) {
            return new Row(domain, type, List.of(since), publicInputs, secretInputs, indexInputs, note);
        }

        Row publicInputs(Integer... positions) {
            return new Row(domain, type, versions, Set.of(positions), secretInputs, indexInputs, note);
        }

        Row indexInputs(Integer... positions) {
            return new Row(domain, type, versions, publicInputs, secretInputs, Set.of(positions), note);
        }

        Row secretInputs(Integer... positions) {
            return new Row(domain, type, versions, publicInputs, Set.of(positions), indexInputs, note);
        }

        Row note(String text) {
            return new Row(domain, type, versions, publicInputs, secretInputs, indexInputs, text);
        }

        /** Ends the row of an operator with one output. */
        Operator gives(Function<NodeContext, ValueId> output) {
            return translates(node -> node.output(0, output.apply(node)));
        }

        /** Ends the row. */
        Operator translates(Translator translator) {
            return new Operator(domain, type, versions, publicInputs, secretInputs, indexInputs, note, translator);
        }
    }
}
