package dev.sardonyx.importer;

/** This use of an operator has no translation. Caught by the graph translator, which lists all such nodes together. */
final class RefusedNode extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedNode(String reason) {
        super(reason, null, false, false);
    }
}
