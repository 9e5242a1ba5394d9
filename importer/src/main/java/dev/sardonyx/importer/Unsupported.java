package dev.sardonyx.importer;

/**
 * A node that cannot be translated.
 *
 * @param node the node's name in the model, or its first output's where it has none
 * @param op the operator, with its domain unless it is the default one
 * @param opset the version of the operator's domain that the model imports; 0 if it imports none
 * @param reason why, and what would help where something would
 */
public record Unsupported(String node, String op, long opset, String reason) {
    @Override
    public String toString() {
        return "'" + node + "' (" + op + ", opset " + opset + "): " + reason;
    }
}
